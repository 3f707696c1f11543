// One message with what belongs to it: sources, reasons, rating.

import { useEffect, useRef, useState } from "preact/hooks";
import { Sent } from "./attached";
import type { Chat } from "./chat";
import { Icon } from "./icons";
import type { Question, Reply, State } from "./thread";
import { isWeb, Text } from "./text";
import { fill, type Language, type Texts } from "./texts";

const RATINGS = [
  { name: "up", rating: 1 },
  { name: "down", rating: -1 },
] as const;

export function Asked(props: {
  message: Question;
  state?: State;
  chat: Chat;
  texts: Texts;
  language: Language;
}) {
  const { message, state, chat, texts, language } = props;
  return (
    <li class="mine">
      <span class="hidden">{texts.you}:</span>
      <div class="bubble">
        {message.file ? <Sent file={message.file} chat={chat} texts={texts} language={language} /> : message.text}
      </div>
      {state === "failed" && (
        <div class="state bad">
          {texts.failed}{" "}
          <button type="button" class="link" onClick={() => chat.again(message.id)}>
            {texts.again}
          </button>
        </div>
      )}
      {state && state !== "failed" && <div class="state">{state === "sent" ? texts.sent : texts.sending}</div>}
    </li>
  );
}

export function Answered(props: {
  message: Reply;
  last: boolean;
  chat: Chat;
  texts: Texts;
  signedIn: boolean;
  question: Question | undefined;
}) {
  const { message, chat, texts } = props;
  return (
    <li class="theirs">
      {message.from === "person" ? (
        <p class="who">{fill(texts.agent, { name: message.agent ?? "" })}</p>
      ) : (
        <span class="hidden">{texts.assistant}:</span>
      )}
      <Said message={message} texts={texts} />
      {props.last && message.buttons.length > 0 && (
        <div class="choices">
          {message.buttons.map((button) => (
            <button type="button" key={button.payload} onClick={() => chat.send(button.payload, { title: button.title })}>
              {button.title}
            </button>
          ))}
        </div>
      )}
      {!message.joined && <Tools {...props} />}
    </li>
  );
}

/** The text with its sources. */
export function Said({ message, texts }: { message: Reply; texts: Pick<Texts, "sources"> }) {
  return (
    <div class="bubble">
      <Text text={message.text} citations={message.citations} texts={texts} />
      <Sources message={message} texts={texts} />
    </div>
  );
}

function Sources({ message, texts }: Parameters<typeof Said>[0]) {
  if (!message.citations.length) return null;
  return (
    <ul class="sources" aria-label={texts.sources}>
      {message.citations.map((citation) => (
        <li key={citation.number}>
          <span aria-hidden="true">{citation.number}</span>
          {isWeb(citation.url) ? <a href={citation.url}>{citation.title}</a> : citation.title}
        </li>
      ))}
    </ul>
  );
}

type ToolsProps = Parameters<typeof Answered>[0];

function Tools(props: ToolsProps) {
  const { message, chat, texts } = props;
  const [copied, setCopied] = useState(false);
  const [open, setOpen] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(message.text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  const grounded = message.citations.length > 0 || message.facts.length > 0;
  const rate = (rating: number) => void chat.rate(message.id, message.rating === rating ? 0 : rating);
  return (
    <>
      <div class="tools">
        {grounded && (
          <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
            {texts.why}
          </button>
        )}
        <span class="grow" />
        <button type="button" class="tool" aria-label={copied ? texts.copied : texts.copy} title={texts.copy} onClick={copy}>
          <Icon name={copied ? "done" : "copy"} />
        </button>
        {message.from === "assistant" &&
          message.to && // what answers nothing, like who has joined, is no help or none
          RATINGS.map(({ name, rating }) => (
            <button
              type="button"
              key={name}
              class="tool"
              aria-label={texts[name]}
              title={texts[name]}
              aria-pressed={message.rating === rating}
              onClick={() => rate(rating)}
            >
              <Icon name={name} />
            </button>
          ))}
      </div>
      {open && <Why {...props} />}
      {message.rating === -1 && <Reason {...props} />}
    </>
  );
}

function Why({ message, chat, texts, signedIn, question }: ToolsProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <div class="why" ref={box}>
      {message.citations.length > 0 && <h3>{texts.articles}</h3>}
      {message.citations.map((citation) => (
        <blockquote key={citation.number}>
          {isWeb(citation.url) ? <a href={citation.url}>{citation.title}</a> : <strong>{citation.title}</strong>}
          <p>{citation.text}</p>
        </blockquote>
      ))}
      {message.quoted && <p class="note">{texts.quoted}</p>}
      {message.facts.length > 0 && <h3>{texts.facts}</h3>}
      {message.facts.length > 0 && (
        <ul>
          {message.facts.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      )}
      {signedIn && question && message.citations.length > 0 && (
        <button
          type="button"
          class="plain"
          title={texts.withoutNote}
          onClick={() => chat.send(question.text, { without_profile: true })}
        >
          {texts.without}
        </button>
      )}
    </div>
  );
}

function Reason({ message, chat, texts }: ToolsProps) {
  const [text, setText] = useState("");
  const [sent, setSent] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.scrollIntoView({ block: "nearest" }), []);
  if (sent)
    return (
      <p class="note" role="status">
        {texts.thanks}
      </p>
    );
  const submit = (event: Event) => {
    event.preventDefault();
    setSent(true);
    void chat.rate(message.id, -1, text.trim());
  };
  return (
    <form class="reason" ref={form} onSubmit={submit}>
      <label>
        {texts.reason}
        <input value={text} maxLength={500} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button class="plain">{texts.sendReason}</button>
    </form>
  );
}
