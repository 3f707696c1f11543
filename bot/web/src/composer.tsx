// Where the customer writes; while a reply is written it can be stopped.

import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import { Staged } from "./attached";
import { LONGEST, type Chat } from "./chat";
import { Field } from "./field";
import { KINDS } from "./files";
import { Icon } from "./icons";
import type { Staging } from "./staging";
import type { Language, Texts } from "./texts";

export function Composer(props: {
  chat: Chat;
  texts: Texts;
  language: Language;
  writing: boolean;
  visitor: boolean;
  staging: Staging;
  field: RefObject<HTMLTextAreaElement>;
}) {
  const { chat, texts, writing, staging, field } = props;
  const [text, setText] = useState("");
  const empty = !text.trim() && !staging.files.length;
  const send = () => {
    if (text.trim()) chat.send(text.trim());
    staging.send(); // after the words, which say what the files are about
    setText("");
    field.current?.focus();
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return; // words are the field's own matter
    event.preventDefault();
    staging.choose(files);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Staged files={staging.files} remove={staging.remove} texts={texts} language={props.language} />
      <div class="composer">
        <Chooser {...props} />
        <Field
          text={text}
          limit={LONGEST}
          label={texts.placeholder}
          field={field}
          change={setText}
          send={send}
          paste={paste}
        />
        {writing && empty ? (
          <button type="button" class="round" aria-label={texts.stop} title={texts.stop} onClick={() => chat.stop()}>
            <Icon name="stop" />
          </button>
        ) : (
          <button class="round" aria-label={texts.send} title={texts.send} aria-disabled={empty}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

/** The button that opens the browser's own choice of files; visitors are told to sign in first. */
function Chooser(props: Parameters<typeof Composer>[0]) {
  const { chat, texts, visitor, staging, field } = props;
  const input = useRef<HTMLInputElement>(null);
  const choose = () => (visitor ? chat.notify({ text: "fileSignIn" }) : input.current?.click());
  const chosen = (source: HTMLInputElement) => {
    staging.choose([...(source.files ?? [])]);
    source.value = ""; // the same file may be chosen again
    field.current?.focus();
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={KINDS}
        aria-label={texts.attach}
        onChange={(event) => chosen(event.currentTarget)}
      />
      <button type="button" class="tool attach" aria-label={texts.attach} title={texts.attach} onClick={choose}>
        <Icon name="attach" />
      </button>
    </>
  );
}
