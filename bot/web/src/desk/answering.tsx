// Where the agent writes, with suggested replies one tap away.

import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { Field } from "../field";
import { Icon } from "../icons";
import { isWeb } from "../text";
import type { Desk, View } from "./desk";
import type { Suggestion } from "./protocol";
import { lastQuestion, type Conversation } from "./state";
import type { Words } from "./words";

const LONGEST = 4000; // characters, as the server allows
const ROOMY = "(min-width: 48rem) and (min-height: 40rem)"; // elsewhere suggestions are folded, for the messages' sake

interface AnsweringProps {
  desk: Desk;
  view: View;
  conversation: Conversation;
  field: RefObject<HTMLTextAreaElement>;
  words: Words;
}

export function Answering({ desk, view, conversation, field, words }: AnsweringProps) {
  const { id } = conversation.handover;
  const text = view.drafts.reply;
  const question = lastQuestion(conversation);
  const isOnline = view.status === "online";
  useEffect(() => {
    if (question && isOnline) void desk.suggest(id);
  }, [desk, id, question, isOnline]);
  const write = (written: string) => {
    desk.write(id, "reply", written);
    if (written) desk.typing(id);
  };
  const send = () => {
    if (text.trim()) desk.reply(id, text.trim());
    field.current?.focus();
  };
  const insert = (suggestion: string) => {
    write([text.trim(), suggestion].filter(Boolean).join("\n"));
    field.current?.focus();
  };
  return (
    <div class="answering">
      <Suggestions conversation={conversation} words={words} insert={insert} again={() => void desk.suggest(id)} />
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Field text={text} limit={LONGEST} label={words.reply} field={field} change={write} send={send} />
        <button class="round" aria-label={words.send} title={words.send} aria-disabled={!text.trim()}>
          <Icon name="send" />
        </button>
      </form>
      <p class="note hint">{words.replyHint}</p>
    </div>
  );
}

interface SuggestionsProps {
  conversation: Conversation;
  words: Words;
  insert: (text: string) => void;
  again: () => void;
}

function Suggestions({ conversation, words, insert, again }: SuggestionsProps) {
  const { suggested, handover } = conversation;
  if (suggested === null) return null;
  const { state, replies } = suggested;
  if (state === "failed" || state === "busy")
    return (
      <p class="note" role="status">
        {state === "busy" ? words.busy : words.suggestionsFailed}{" "}
        <button type="button" class="link" onClick={again}>
          {words.suggestAgain}
        </button>
      </p>
    );
  if (!replies.length) return <p class="note">{state === "loading" ? words.suggestionsLoading : words.suggestionsNone}</p>;
  return (
    <details class="suggestions" open={matchMedia(ROOMY).matches}>
      <summary>
        {words.suggestions} <span class="count">{replies.length}</span>{" "}
        {state === "loading" && <span class="note">{words.suggestionsEarlier}</span>}
      </summary>
      <ul>
        {replies.map((suggestion) => (
          <li key={suggestion.text}>
            <button type="button" title={words.insert} lang={handover.language} onClick={() => insert(suggestion.text)}>
              {suggestion.text}
            </button>
            <Source suggestion={suggestion} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Source({ suggestion: { title, url } }: { suggestion: Suggestion }) {
  if (!title) return null;
  if (!isWeb(url)) return <span class="time">{title}</span>;
  return (
    <a class="time" href={url} target="_blank" rel="noopener">
      {title}
    </a>
  );
}
