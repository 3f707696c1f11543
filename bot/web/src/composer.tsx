// Where the customer writes: Enter sends, Shift+Enter begins a line; while a reply is written it can be stopped.

import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import type { Chat } from "./chat";
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
    if (field.current) field.current.style.height = "auto";
    field.current?.focus();
  };
  const grow = (area: HTMLTextAreaElement) => {
    setText(area.value);
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 120)}px`;
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={text}
        maxLength={LONGEST}
        placeholder={texts.placeholder}
        aria-label={texts.placeholder}
        onInput={(event) => grow(event.currentTarget)}
        onKeyDown={key}
      />
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
