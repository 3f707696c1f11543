// What can be done with the whole conversation: save it, have it sent, say whether news may come into it.

import { useRef, useState } from "preact/hooks";
import type { Chat, View } from "./chat";
import { Icon } from "./icons";
import { shown } from "./thread";
import type { Texts } from "./texts";
import { saveTranscript } from "./transcript";

const NOTICES = "channel:notices"; // the wish to decide about them, as the server knows it

export function Menu({ chat, view, texts }: { chat: Chat; view: View; texts: Texts }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const messages = shown(view.thread);
  if (!messages.length && !view.signedIn) return null;
  const doing = (work: () => void) => () => {
    setOpen(false);
    button.current?.focus();
    work();
  };
  const escape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation(); // closes the menu, not the chat
    setOpen(false);
    button.current?.focus();
  };
  const leave = (event: FocusEvent) => {
    if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) setOpen(false);
  };
  return (
    <div class="menu" onKeyDown={escape} onFocusOut={leave}>
      <button
        type="button"
        class="tool"
        ref={button}
        aria-expanded={open}
        aria-label={texts.menu}
        title={texts.menu}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <ul>
          {view.signedIn && (
            <li>
              <button type="button" onClick={doing(() => chat.send(NOTICES, { title: texts.notices }))}>
                <Icon name="bell" /> {texts.notices}
              </button>
            </li>
          )}
          {messages.length > 0 && (
            <li>
              <button type="button" onClick={doing(() => saveTranscript(messages, texts))}>
                <Icon name="save" /> {texts.save}
              </button>
            </li>
          )}
          {messages.length > 0 && view.signedIn && (
            <li>
              <button type="button" onClick={doing(() => void chat.mail())}>
                <Icon name="mail" /> {texts.mail}
              </button>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
