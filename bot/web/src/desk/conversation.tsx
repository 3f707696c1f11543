// One conversation: who it is with, the assistant's summary, the messages, what the agent can do.

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icons";
import { fill } from "../texts";
import { Answering } from "./answering";
import { CloseDialog } from "./closing";
import { CustomerPane } from "./customer";
import type { Desk, View } from "./desk";
import type { Handover } from "./protocol";
import { refusalIn } from "./refusals";
import { addressOf, type Route } from "./route";
import type { Conversation } from "./state";
import { Messages } from "./messages";
import { span, useNow } from "./times";
import type { Words } from "./words";

interface PaneProps {
  desk: Desk;
  view: View;
  route: Route;
  words: Words;
}

export function ConversationPane(props: PaneProps) {
  const { view, route, words } = props;
  if (view.conversation && view.shown === route.id) return <Shown {...props} conversation={view.conversation} />;
  return (
    <section class="conversation empty">
      {route.id === null ? (
        <>
          <h2>{words.choose}</h2>
          <p class="note">{words.chooseHint}</p>
        </>
      ) : (
        <>
          <p role="status">{view.missing ? refusalIn(words, view.missing) : words.reading}</p>
          <a href={addressOf(route.page)}>{words.back}</a>
        </>
      )}
    </section>
  );
}

export interface ShownProps extends PaneProps {
  conversation: Conversation;
}

function Shown(props: ShownProps) {
  const { desk, view, route, words, conversation } = props;
  const { handover } = conversation;
  const isMine = handover.state === "taken" && (view.queue?.mine.some((one) => one.id === handover.id) ?? false);
  const [isAbout, setAbout] = useState(false); // on narrow screens, instead of the messages
  const heading = useRef<HTMLHeadingElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const wasMine = useRef(isMine);
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    if (isMine !== wasMine.current) (isMine ? field : heading).current?.focus();
    wasMine.current = isMine;
  }, [isMine]);

  return (
    <section class={isAbout ? "conversation about" : "conversation"} aria-labelledby="who-is">
      <div class="bar">
        <a class="tool back" href={addressOf(route.page)} aria-label={words.back} title={words.back}>
          <Icon name="back" />
        </a>
        <div class="who-is">
          <h2 id="who-is" ref={heading} tabIndex={-1}>
            {handover.customer ?? words.visitor}
          </h2>
          <State handover={handover} isMine={isMine} words={words} />
        </div>
        <button
          type="button"
          class="tool turn"
          aria-label={words.about}
          title={words.about}
          aria-pressed={isAbout}
          onClick={() => setAbout(!isAbout)}
        >
          <Icon name="info" />
        </button>
        <Actions desk={desk} view={view} route={route} handover={handover} isMine={isMine} words={words} />
      </div>
      <div class="body">
        <div class="talk">
          <Summary summary={conversation.summary} isOpen={!isMine} words={words} />
          <Messages desk={desk} view={view} conversation={conversation} words={words} />
          {isMine && !handover.pushed && <p class="strip">{words.notPushed}</p>}
          {isMine && <Answering desk={desk} view={view} conversation={conversation} field={field} words={words} />}
          {handover.state === "waiting" && <p class="strip">{words.takeFirst}</p>}
        </div>
        <CustomerPane desk={desk} view={view} conversation={conversation} words={words} />
      </div>
    </section>
  );
}

function State({ handover, isMine, words }: { handover: Handover; isMine: boolean; words: Words }) {
  const now = useNow();
  const parts = [words[handover.channel], words[handover.language]];
  if (handover.state === "waiting") parts.unshift(span(now - handover.requested, words));
  return (
    <p class="note">
      <span role="status">{stateIn(words, handover, isMine)}</span>
      {` · ${parts.join(" · ")}`}
    </p>
  );
}

function stateIn(words: Words, handover: Handover, isMine: boolean): string {
  if (handover.state === "waiting") return words.isWaiting;
  if (handover.state === "closed") return handover.ended === "handed_back" ? words.closedBack : words.closedDone;
  return isMine ? words.isMine : fill(words.isOthers, { name: handover.agent ?? "" });
}

interface ActionsProps extends PaneProps {
  handover: Handover;
  isMine: boolean;
}

function Actions({ desk, view, route, handover, isMine, words }: ActionsProps) {
  const [isClosing, setClosing] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const isIdle = view.status === "online" && !isBusy;
  const act = async (action: () => Promise<boolean>, leave: boolean) => {
    if (!isIdle) return;
    setBusy(true);
    const done = await action();
    setBusy(false);
    // Unless the agent has gone on meanwhile.
    if (done && leave && location.hash === addressOf(route.page, handover.id)) location.hash = addressOf(route.page);
  };
  if (handover.state === "closed") return null;
  const mayTake = handover.state === "waiting" || view.queue?.me.role === "lead"; // leads also from others
  const take = () => act(() => desk.take(handover.id), false);
  const handBack = () => act(() => desk.handBack(handover.id), true);
  const close = (resolution: string) => act(() => desk.close(handover.id, resolution), true);
  if (!isMine && !mayTake) return null;
  const mayClose = isMine || handover.state === "waiting";
  return (
    <div class="actions">
      {isMine ? (
        <button type="button" class="plain" aria-disabled={!isIdle} onClick={handBack}>
          {words.handBack}
        </button>
      ) : (
        <button type="button" class="main" aria-disabled={!isIdle} onClick={take}>
          {handover.agent ? fill(words.takeFrom, { name: handover.agent }) : words.take}
        </button>
      )}
      {mayClose && (
        <button type="button" class="plain" aria-disabled={!isIdle} onClick={() => isIdle && setClosing(true)}>
          {words.close}
        </button>
      )}
      {isClosing && (
        <CloseDialog
          handover={handover}
          words={words}
          cancel={() => setClosing(false)}
          close={(resolution) => void close(resolution).then(() => setClosing(false))}
        />
      )}
    </div>
  );
}

interface SummaryProps {
  summary: string;
  isOpen: boolean;
  words: Words;
}

/** Lines "Title: text"; folded once the agent is in the conversation. */
function Summary({ summary, isOpen, words }: SummaryProps) {
  if (!summary) return null;
  const lines = summary.split("\n").map((line) => /^([^:]{1,40}): (.*)$/.exec(line) ?? [line, "", line]);
  return (
    <details class="summary" open={isOpen}>
      <summary>{words.summary}</summary>
      <dl>
        {lines.map(([, title, text], n) => (
          <div key={n}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
