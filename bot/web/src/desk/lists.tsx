// The lists of conversations: those of now, and for leads those that are over.

import { useEffect } from "preact/hooks";
import { Icon } from "../icons";
import { fill } from "../texts";
import type { Desk, View } from "./desk";
import type { Colleague, Handover, Queue } from "./protocol";
import { addressOf, type Page } from "./route";
import { moment, span, useNow } from "./times";
import type { Words } from "./words";

const CHANNEL_ICONS = { web: "globe", telegram: "send", rest: "code" } as const;

export function QueuePane({ view, queue, words }: { view: View; queue: Queue; words: Words }) {
  const isLead = queue.me.role === "lead";
  return (
    <section class="list" aria-label={words.conversations}>
      <Group title={words.waiting} handovers={queue.waiting} none={words.noneWaiting} view={view} words={words} />
      <Group title={words.mine} handovers={queue.mine} none={words.noneMine} view={view} words={words} />
      {isLead && (
        <Group title={words.others} handovers={queue.others} none={words.noneOthers} view={view} words={words} />
      )}
      <Colleagues agents={queue.agents} me={queue.me.name} words={words} />
    </section>
  );
}

export function ClosedPane({ desk, view, words }: { desk: Desk; view: View; words: Words }) {
  useEffect(() => void desk.readClosed(), [desk, view.status]);
  return (
    <section class="list" aria-label={words.history}>
      <Group
        title={words.history}
        handovers={view.closed ?? []}
        none={view.closed ? words.noneClosed : words.reading}
        page="history"
        view={view}
        words={words}
      />
    </section>
  );
}

interface GroupProps {
  title: string;
  handovers: Handover[];
  none: string;
  page?: Page;
  view: View;
  words: Words;
}

function Group({ title, handovers, none, page = "queue", view, words }: GroupProps) {
  return (
    <>
      <h2>
        {title} {handovers.length > 0 && <span class="count">{handovers.length}</span>}
      </h2>
      {handovers.length === 0 && <p class="note">{none}</p>}
      <ul>
        {handovers.map((handover) => (
          <li key={handover.id}>
            <Entry handover={handover} page={page} view={view} words={words} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Entry({ handover, page, view, words }: { handover: Handover; page: Page; view: View; words: Words }) {
  const now = useNow();
  const isUnread = view.unread.includes(handover.id);
  return (
    <a
      class="entry"
      href={addressOf(page, handover.id)}
      aria-current={view.shown === handover.id ? "true" : undefined}
    >
      <span class="line">
        <span class="channel" role="img" aria-label={words[handover.channel]} title={words[handover.channel]}>
          <Icon name={CHANNEL_ICONS[handover.channel]} />
        </span>
        <strong>{handover.customer ?? words.visitor}</strong>
        <abbr title={words[handover.language]}>{handover.language.toUpperCase()}</abbr>
        {isUnread && <span class="fresh" role="img" aria-label={words.newWords} />}
        <span class="grow" />
        <span class="time">{timeOf(handover, words, now)}</span>
      </span>
      <span class="question" lang={handover.language}>
        {handover.question}
      </span>
      {handover.agent && page === "history" && <span class="time">{handover.agent}</span>}
      {handover.agent && page === "queue" && view.queue?.me.name !== handover.agent && (
        <span class="time">{fill(words.isOthers, { name: handover.agent })}</span>
      )}
    </a>
  );
}

function timeOf(handover: Handover, words: Words, now: number): string {
  if (handover.state === "waiting") return span(now - handover.requested, words);
  if (handover.state === "closed") return moment(handover.closed ?? handover.requested, words, now);
  return fill(words.since, { time: moment(handover.taken ?? handover.requested, words, now) });
}

function Colleagues({ agents, me, words }: { agents: Colleague[]; me: string; words: Words }) {
  return (
    <>
      <h2>{words.colleagues}</h2>
      <ul class="colleagues">
        {agents.map((agent) => (
          <li key={agent.name}>
            <span class={agent.away ? "dot" : "dot online"} aria-hidden="true" />
            {agent.name}
            {agent.name === me && ` (${words.you})`}
            <span class="time">{agent.away ? words.isAway : fill(words.takenCount, { count: agent.taken })}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
