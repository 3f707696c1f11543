// The live messages of a conversation, with the agent's own on their way.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../icons";
import { Said } from "../message";
import { Text } from "../text";
import type { Desk, View } from "./desk";
import type { Delivery, Said as Message } from "./protocol";
import { underway, type Conversation, type Sending } from "./state";
import { moment, useNow } from "./times";
import type { Words } from "./words";

const NEAR = 80; // pixels from the end: who reads further up is not pulled away

interface MessagesProps {
  desk: Desk;
  view: View;
  conversation: Conversation;
  words: Words;
}

export function Messages({ desk, view, conversation, words }: MessagesProps) {
  const { thread, handover } = conversation;
  const now = useNow();
  const sending = underway(conversation, view.sending);
  const name = handover.customer ?? words.visitor;
  const { list, follow } = useEnd(thread, sending.length);
  return (
    <>
      <div
        class="thread"
        ref={list}
        tabIndex={0}
        role="region"
        aria-label={words.thread}
        onScroll={follow}
      >
        <ol lang={handover.language}>
          {thread.map((message) => (
            <Line
              key={message.id}
              message={message}
              name={name}
              time={moment(message.time, words, now)}
              words={words}
            />
          ))}
          {sending.map((reply) => (
            <Underway key={reply.id} reply={reply} words={words} again={() => desk.again(reply.id)} />
          ))}
        </ol>
      </div>
      <News thread={thread} name={name} language={handover.language} />
    </>
  );
}

/** Keeps the end in view, when messages come and when the list is made smaller. */
function useEnd(...changes: unknown[]) {
  const list = useRef<HTMLDivElement>(null);
  const isNear = useRef(true);
  const room = useRef(0); // how far the list could be scrolled when it was last looked at
  const toEnd = () => {
    if (!isNear.current || !list.current) return;
    room.current = roomOf(list.current);
    list.current.scrollTo({ top: list.current.scrollHeight });
  };
  useLayoutEffect(toEnd, changes);
  useEffect(() => {
    const watch = new ResizeObserver(toEnd);
    if (list.current) watch.observe(list.current);
    return () => watch.disconnect();
  }, []);
  const follow = () => {
    if (!list.current) return;
    const before = room.current;
    room.current = roomOf(list.current);
    if (isNear.current && room.current !== before) toEnd(); // the list has changed, nobody has scrolled up
    else isNear.current = room.current - list.current.scrollTop < NEAR;
  };
  return { list, follow };
}

function roomOf(list: HTMLElement): number {
  return list.scrollHeight - list.clientHeight;
}

function Line({ message, name, time, words }: { message: Message; name: string; time: string; words: Words }) {
  if (message.from === "customer")
    return (
      <li class="theirs">
        <Head who={name} time={time} words={words} />
        <div class="bubble">
          {message.file && (
            <p class="attached">
              <Icon name="file" /> {message.file.name}
            </p>
          )}
          {message.text && <Text text={message.text} citations={[]} texts={words} />}
        </div>
      </li>
    );
  const who = message.from === "person" ? message.agent ?? "" : words.assistant;
  return (
    <li class={message.from === "person" ? "mine" : "mine bot"}>
      <Head who={who} time={time} words={words} />
      <Said message={message} texts={words} />
      {message.delivery && <Arrival delivery={message.delivery} words={words} />}
    </li>
  );
}

function Head({ who, time, words }: { who: string; time: string; words: Words }) {
  return (
    <p class="who" lang={words.locale}>
      {who} <time>{time}</time>
    </p>
  );
}

const DELIVERIES = {
  waiting: "deliveryWaiting",
  sent: "deliverySent",
  unsure: "deliveryUnsure",
  failed: "deliveryFailed",
} as const;

function Arrival({ delivery, words }: { delivery: Delivery; words: Words }) {
  return <p class={delivery === "failed" ? "state bad" : "state"}>{words[DELIVERIES[delivery]]}</p>;
}

function Underway({ reply, words, again }: { reply: Sending; words: Words; again: () => void }) {
  return (
    <li class="mine">
      <div class="bubble">{reply.text}</div>
      {reply.failed ? (
        <p class="state bad" role="status">
          {words.failed}{" "}
          <button type="button" class="link" onClick={again}>
            {words.again}
          </button>
        </p>
      ) : (
        <p class="state">{words.sending}</p>
      )}
    </li>
  );
}

/** What a screen reader is told: the customer's new messages, each once. */
function News({ thread, name, language }: { thread: Message[]; name: string; language: string }) {
  const known = useRef(new Set(thread.map((message) => message.id))); // what was there is no news
  const news = thread.filter((message) => message.from === "customer" && !known.current.has(message.id)).slice(-2);
  return (
    <div class="hidden" role="log" aria-live="polite" lang={language}>
      {news.map((message) => (
        <p key={message.id}>{`${name}: ${message.text}`}</p>
      ))}
    </div>
  );
}
