// The desk's head: pages for leads, business hours, the away switch, who is signed in.

import { useState } from "preact/hooks";
import { Icon } from "../icons";
import { fill } from "../texts";
import { mayAskToNotify } from "./attention";
import type { Desk, View } from "./desk";
import type { Queue } from "./protocol";
import { addressOf, type Page, type Route } from "./route";
import { moment, useNow } from "./times";
import type { Words } from "./words";

interface HeadProps {
  desk: Desk;
  view: View;
  queue: Queue;
  route: Route;
  words: Words;
}

export function Head({ desk, view, queue, route, words }: HeadProps) {
  const { me } = queue;
  const isOnline = view.status === "online";
  return (
    <header class={route.id === null ? "top" : "top reading"}>
      <h1>{words.title}</h1>
      {me.role === "lead" && <Pages route={route} words={words} />}
      <Hours queue={queue} words={words} />
      <span class="grow" />
      <NotifyButton words={words} />
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={me.away}
        aria-disabled={!isOnline}
        title={words.awayHint}
        onClick={() => isOnline && void desk.setAway(!me.away)}
      >
        <span class="knob" aria-hidden="true" />
        {words.away}
      </button>
      <p class="me">
        <span class={`dot ${view.status}`} role="img" aria-label={isOnline ? words.online : words.connecting} />
        <strong>{me.name}</strong>
        <span class="role">{words[me.role]}</span>
      </p>
      <button
        type="button"
        class="tool"
        aria-label={words.signOut}
        title={words.signOut}
        onClick={() => void desk.signOut()}
      >
        <Icon name="leave" />
      </button>
    </header>
  );
}

function Pages({ route, words }: { route: Route; words: Words }) {
  const pages: [Page, string][] = [
    ["queue", words.conversations],
    ["history", words.history],
    ["feedback", words.feedback],
  ];
  return (
    <nav aria-label={words.pages}>
      {pages.map(([page, title]) => (
        <a key={page} href={addressOf(page)} aria-current={route.page === page ? "page" : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}

function Hours({ queue: { hours }, words }: { queue: Queue; words: Words }) {
  const now = useNow();
  const opens = hours.opens === null ? null : fill(words.opens, { time: moment(hours.opens, words, now) });
  return (
    <p class="hours">
      <span class={hours.open ? "state-mark open" : "state-mark"}>{hours.open ? words.open : words.shut}</span>
      <span>{(!hours.open && opens) || hours.text}</span>
    </p>
  );
}

function NotifyButton({ words }: { words: Words }) {
  const [offered, setOffered] = useState(mayAskToNotify);
  if (!offered) return null;
  const allow = async () => {
    await Notification.requestPermission();
    setOffered(mayAskToNotify());
  };
  return (
    <button type="button" class="tool" aria-label={words.notify} title={words.notify} onClick={() => void allow()}>
      <Icon name="bell" />
    </button>
  );
}
