// The field in which a message is written: it grows with its text, Enter sends, Shift+Enter begins a line.

import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

const TALLEST = 120; // pixels, about five lines

export function Field(props: {
  text: string;
  limit: number; // characters
  label: string;
  field: RefObject<HTMLTextAreaElement>;
  change: (text: string) => void;
  send: () => void;
  paste?: (event: ClipboardEvent) => void;
}) {
  const { text, field } = props;
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    if (text) area.style.height = `${Math.min(area.scrollHeight, TALLEST)}px`;
  }, [text]);
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      props.send();
    }
  };
  return (
    <textarea
      ref={field}
      rows={1}
      value={text}
      maxLength={props.limit}
      placeholder={props.label}
      aria-label={props.label}
      onInput={(event) => props.change(event.currentTarget.value)}
      onKeyDown={key}
      onPaste={props.paste}
    />
  );
}
