// Launcher, greeting and panel.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "./chat";
import { greetingFor } from "./greeting";
import { Icon } from "./icons";
import { useView } from "./observed";
import { Panel } from "./panel";
import type { Tag } from "./tag";
import { fill, textsIn } from "./texts";

const OPEN = "lichno.open"; // the chat stays open on the next page of this tab
const NARROW = 480; // pixels; there the open chat covers the page
const DISMISSED = "lichno.dismissed"; // the customer closed an invitation: none comes in this session

export function App({ chat, tag }: { chat: Chat; tag: Tag }) {
  const texts = textsIn(tag.language);
  const view = useView(chat);
  const [open, setOpen] = useState(() => innerWidth > NARROW && noted(OPEN));
  const asked = useRef(false); // the customer opened it here: then the focus goes along
  const launcher = useRef<HTMLButtonElement>(null);
  const greeting = useGreeting(tag, open);

  useEffect(() => {
    if (chat.wasOpened) chat.start(); // for the badge; whoever never wrote causes no connection
  }, [chat]);
  useEffect(() => {
    const see = () => chat.setReading(open && document.visibilityState === "visible");
    see();
    document.addEventListener("visibilitychange", see);
    return () => document.removeEventListener("visibilitychange", see);
  }, [chat, open]);

  const show = (shown: boolean) => {
    asked.current = shown;
    note(OPEN, shown);
    setOpen(shown);
  };
  const close = () => {
    show(false);
    requestAnimationFrame(() => launcher.current?.focus());
  };
  const follow = () => innerWidth <= NARROW && show(false);
  if (open)
    return (
      <Panel chat={chat} view={view} tag={tag} texts={texts} focus={asked.current} close={close} follow={follow} />
    );
  return (
    <div class="corner">
      {greeting.text && !view.unread && (
        <div class="greeting" role="status">
          <button type="button" class="words" onClick={() => show(true)}>
            {greeting.text}
          </button>
          <button type="button" class="tool" aria-label={texts.dismiss} title={texts.dismiss} onClick={greeting.dismiss}>
            <Icon name="cross" />
          </button>
        </div>
      )}
      <button
        type="button"
        class="launcher"
        ref={launcher}
        aria-label={view.unread ? `${texts.open}. ${fill(texts.unread, { count: view.unread })}` : texts.open}
        title={texts.open}
        onClick={() => show(true)}
      >
        <Icon name="chat" />
        {view.unread > 0 && (
          <span class="badge" aria-hidden="true">
            {view.unread}
          </span>
        )}
      </button>
    </div>
  );
}

/** The invitation that the shop's rules give to this page, until it is closed or the chat opened. */
function useGreeting(tag: Tag, open: boolean): { text: string | null; dismiss: () => void } {
  const [text, setText] = useState<string | null>(null);
  const closed = useRef(noted(DISMISSED));
  const dismiss = () => {
    closed.current = true;
    setText(null);
    note(DISMISSED, true);
  };
  useEffect(() => {
    if (!tag.rules.length || closed.current) return;
    let cart = 0;
    const began = Date.now();
    const told = (event: Event) => (cart = Number((event as CustomEvent).detail?.cart) || 0);
    const look = setInterval(() => {
      const visit = { path: location.pathname, seconds: (Date.now() - began) / 1000, cart };
      const rule = closed.current ? null : greetingFor(tag.rules, visit);
      if (rule) setText(rule[tag.language]);
    }, 1000);
    window.addEventListener("lichno:page", told);
    return () => {
      clearInterval(look);
      window.removeEventListener("lichno:page", told);
    };
  }, [tag]);
  useEffect(() => {
    if (open) dismiss();
  }, [open]);
  return { text, dismiss };
}

// Where the browser lets us keep nothing, both hold for this page only.

function noted(key: string): boolean {
  try {
    return sessionStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

function note(key: string, holds: boolean): void {
  try {
    if (holds) sessionStorage.setItem(key, "1");
    else sessionStorage.removeItem(key);
  } catch {
    // Nothing to be done.
  }
}
