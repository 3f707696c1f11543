// Replies that did not help, with the customers' reasons: where the articles want work.

import { useEffect } from "preact/hooks";
import type { Desk, View } from "./desk";
import { moment, useNow } from "./times";
import type { Words } from "./words";

export function FeedbackPane({ desk, view, words }: { desk: Desk; view: View; words: Words }) {
  const now = useNow();
  useEffect(() => void desk.readFeedback(), [desk, view.status]);
  const rated = view.feedback;
  return (
    <main class="feedback">
      <h2>{words.feedbackTitle}</h2>
      {!rated && <p class="note">{words.reading}</p>}
      {rated?.length === 0 && <p class="note">{words.noneRated}</p>}
      <ul>
        {rated?.map((one) => (
          <li key={one.reply}>
            <p class={one.reason ? "reason-given" : "note"}>{one.reason || words.noReason}</p>
            <p class="time">
              {words.answered}, {moment(one.given, words, now)}
            </p>
            <blockquote>{one.text || words.noText}</blockquote>
          </li>
        ))}
      </ul>
    </main>
  );
}
