// Where the customer writes; while a reply is written it can be stopped.

import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import type { Chat } from "./chat";
import { Field } from "./field";
import { Icon } from "./icons";
import type { Texts } from "./texts";

const LONGEST = 2000; // characters, as the server allows by default

export function Composer(props: {
  chat: Chat;
  texts: Texts;
  writing: boolean;
  field: RefObject<HTMLTextAreaElement>;
}) {
  const { chat, texts, writing, field } = props;
  const [text, setText] = useState("");
  const send = () => {
    if (!text.trim()) return;
    chat.send(text.trim());
    setText("");
    field.current?.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Field text={text} limit={LONGEST} label={texts.placeholder} field={field} change={setText} send={send} />
      {writing && !text.trim() ? (
        <button type="button" class="round" aria-label={texts.stop} title={texts.stop} onClick={() => chat.stop()}>
          <Icon name="stop" />
        </button>
      ) : (
        <button class="round" aria-label={texts.send} title={texts.send} aria-disabled={!text.trim()}>
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}
