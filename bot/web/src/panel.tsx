// The open chat: head, messages, composer.

import { useEffect, useRef } from "preact/hooks";
import { Uploading } from "./attached";
import type { Chat, View } from "./chat";
import { Composer } from "./composer";
import { Icon } from "./icons";
import { Menu } from "./menu";
import { Answered, Asked } from "./message";
import { useStaging } from "./staging";
import { agentOf, shown, type Question, type Reply } from "./thread";
import type { Tag } from "./tag";
import { fill, type Texts } from "./texts";

interface PanelProps {
  chat: Chat;
  view: View;
  tag: Tag;
  texts: Texts;
  focus: boolean; // whether to take it
  close: () => void;
  follow: () => void; // a link is followed
}

export function Panel(props: PanelProps) {
  const { chat, view, tag, texts } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const visitor = view.status === "online" && !view.signedIn; // until then nobody knows
  const staging = useStaging(chat, visitor);
  const messages = shown(view.thread);
  const writing = Object.entries(view.thread.writing);
  const questions = new Map(messages.filter((m): m is Question => m.from === "customer").map((m) => [m.id, m]));
  const last = messages[messages.length - 1];
  const agent = agentOf(view.thread);

  useEffect(() => {
    if (props.focus) field.current?.focus();
  }, []);
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [
    messages.length,
    view.uploads.filter((upload) => upload.refused).length,
    view.uploads.length,
    writing.flatMap(([, sentences]) => sentences).length,
    writing.length,
    view.personTypes,
  ]);

  return (
    <section
      class="panel"
      role="dialog"
      aria-label={texts.title}
      onKeyDown={(event) => event.key === "Escape" && props.close()}
      {...staging.drag}
    >
      {staging.over && (
        <div class="drop" aria-hidden="true">
          {texts.drop}
        </div>
      )}
      <div class="head">
        <div>
          <h2>{tag.name ? `${texts.title} · ${tag.name}` : texts.title}</h2>
          <p>{agent ? fill(texts.answers, { name: agent }) : texts.subtitle}</p>
        </div>
        <Menu chat={chat} view={view} texts={texts} />
        <button type="button" class="tool" aria-label={texts.close} title={texts.close} onClick={props.close}>
          <Icon name="close" />
        </button>
      </div>
      <div
        class="thread"
        ref={list}
        tabIndex={0}
        role="region"
        aria-label={texts.thread}
        onClick={(event) => (event.target as Element).closest("a") && props.follow()}
      >
        <ol>
          <li class="theirs">
            <span class="hidden">{texts.assistant}:</span>
            <div class="bubble">
              <p>{texts.welcome}</p>
              {visitor && <p>{texts.welcomeVisitor}</p>}
            </div>
          </li>
          {messages.map((message) =>
            message.from === "customer" ? (
              <Asked
                key={message.id}
                message={message}
                state={view.thread.states[message.id]}
                chat={chat}
                texts={texts}
                language={tag.language}
              />
            ) : (
              <Answered
                key={message.id}
                message={message}
                last={message === last && !writing.length}
                chat={chat}
                texts={texts}
                signedIn={view.signedIn}
                question={questions.get(message.to)}
              />
            ),
          )}
          {writing.map(([to, sentences]) => (
            <li class="theirs" key={to}>
              <div class="bubble">
                {sentences.length > 0 && <p>{sentences.join(" ")}</p>}
                <Dots label={texts.typing} />
              </div>
            </li>
          ))}
          {view.uploads.map((upload) => (
            <Uploading key={upload.id} upload={upload} chat={chat} texts={texts} language={tag.language} />
          ))}
          {view.personTypes && (
            <li class="theirs">
              <div class="bubble">
                <Dots label={texts.personTypes} />
              </div>
            </li>
          )}
        </ol>
      </div>
      <Live view={view} texts={texts} />
      <Notes view={view} texts={texts} />
      <div class="foot">
        {!agent && (
          <button
            type="button"
            class="person"
            onClick={() => chat.send("/human_handoff", { title: texts.person })}
          >
            <Icon name="person" /> {texts.person}
          </button>
        )}
        <Composer
          chat={chat}
          texts={texts}
          language={tag.language}
          writing={writing.length > 0}
          visitor={visitor}
          staging={staging}
          field={field}
        />
      </div>
    </section>
  );
}

function Dots({ label }: { label: string }) {
  return (
    <span class="dots" role="img" aria-label={label}>
      <i />
      <i />
      <i />
    </span>
  );
}

/** What a screen reader is told: that a reply is being written, then the whole reply, once. */
function Live({ view, texts }: { view: View; texts: Texts }) {
  const first = useRef(true);
  const known = useRef(new Set<string>());
  const replies = view.thread.messages.filter((message): message is Reply => message.from !== "customer");
  if (first.current && view.status === "online") {
    replies.forEach((reply) => known.current.add(reply.id)); // the history is no news
    first.current = false;
  }
  const news = replies.filter((reply) => !known.current.has(reply.id)).slice(-2);
  const writing = Object.keys(view.thread.writing).length > 0;
  return (
    <div class="hidden" role="log" aria-live="polite">
      {news.map((reply) => (
        <p key={reply.id}>{reply.agent && `${fill(texts.agent, { name: reply.agent })}: `}{reply.text.replace(/ ?\[\d+\]/g, "")}</p>
      ))}
      {writing && !news.length && <p>{texts.typing}</p>}
    </div>
  );
}

function Notes({ view, texts }: { view: View; texts: Texts }) {
  const { notice, status } = view;
  let text = "";
  if (notice) text = fill(texts[notice.text], notice.values ?? {});
  else if (status === "offline") text = navigator.onLine ? texts.reconnecting : texts.offline;
  else if (status === "signed_out") text = texts.signedOut;
  else if (status === "refused") text = texts.unavailable;
  return (
    <div class={text ? "notice" : "hidden"} role="status">
      {text}
    </div>
  );
}
