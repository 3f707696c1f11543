// Asks before a conversation is closed, and for the answer to its ticket.

import { useEffect, useRef, useState } from "preact/hooks";
import { fill } from "../texts";
import type { Handover } from "./protocol";
import type { Words } from "./words";

const LONGEST = 1000; // characters, as the server allows

export function CloseDialog(props: {
  handover: Handover;
  words: Words;
  cancel: () => void;
  close: (resolution: string) => void;
}) {
  const { words } = props;
  const { ticket, state } = props.handover;
  const [resolution, setResolution] = useState("");
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    props.close(resolution.trim());
  };
  return (
    <dialog ref={dialog} aria-labelledby="closing" onClose={props.cancel}>
      <form onSubmit={submit}>
        <h2 id="closing">{words.closeTitle}</h2>
        <p class="note">{state === "taken" ? words.closeNote : words.closeUntakenNote}</p>
        {ticket && (
          <label>
            {fill(words.resolution, { ticket })}
            <textarea
              rows={4}
              maxLength={LONGEST}
              value={resolution}
              aria-describedby="resolution-hint"
              onInput={(event) => setResolution(event.currentTarget.value)}
            />
          </label>
        )}
        {ticket && (
          <p class="note" id="resolution-hint">
            {words.resolutionHint}
          </p>
        )}
        <div class="actions">
          <button class="main">{words.closeNow}</button>
          <button type="button" class="plain" onClick={() => dialog.current?.close()}>
            {words.cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
