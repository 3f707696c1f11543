// The conversation as the widget holds it, changed by one pure function for each thing that happens.

export interface Button {
  title: string;
  payload: string;
}

export interface Citation {
  number: number;
  title: string;
  url: string;
  text: string;
}

export interface Reply {
  id: string;
  to: string;
  from: "assistant" | "person";
  agent?: string; // the person's name
  joined?: string; // the name of the person who answers from here on
  text: string;
  time: number;
  buttons: Button[];
  citations: Citation[];
  facts: string[];
  quoted: boolean;
  rating?: number | null;
}

export interface Question {
  id: string;
  from: "customer";
  text: string;
  time: number;
  file?: Attached | null; // then the message is this file
}

/** A file with a request, kept by the server. */
export interface Attached {
  id: number;
  name: string;
  media_type: string;
  size: number; // bytes
  ticket: string;
}

export type Message = Reply | Question;

/** A customer's message until it is answered; kept in the browser, so that none is lost. */
export interface Draft {
  id: string;
  text: string;
  title?: string;
  without_profile?: boolean;
  time: number;
}

export type State = "sending" | "sent" | "failed";

export interface Thread {
  messages: Message[]; // in order, as the server has them
  outbox: Draft[]; // not yet answered
  states: Record<string, State>; // of the outbox
  writing: Record<string, string[]>; // sentences of replies on their way, by the message they answer
}

export interface Turn {
  to: string;
  sentences: string[];
}

export function emptyThread(outbox: Draft[] = []): Thread {
  return { messages: [], outbox, states: Object.fromEntries(outbox.map((draft) => [draft.id, "sending"])), writing: {} };
}

/** The server's history after a connection; what it holds of the outbox has arrived and is answered. */
export function withHistory(thread: Thread, history: Message[], turns: Turn[]): Thread {
  const known = new Set(history.map((message) => message.id));
  const outbox = thread.outbox.filter((draft) => !known.has(draft.id));
  // What other tabs sent and the server is still answering is in no history yet.
  const pending = turns.map((turn) => turn.to).filter((id) => !known.has(id) && !outbox.some((d) => d.id === id));
  const kept = thread.messages.filter((message) => pending.includes(message.id));
  return {
    messages: [...history, ...kept],
    outbox,
    states: Object.fromEntries(outbox.map((draft) => [draft.id, thread.states[draft.id] ?? "sending"])),
    writing: Object.fromEntries(turns.map((turn) => [turn.to, turn.sentences])),
  };
}

export function withDraft(thread: Thread, draft: Draft): Thread {
  return { ...thread, outbox: [...thread.outbox, draft], states: { ...thread.states, [draft.id]: "sending" } };
}

export function withState(thread: Thread, id: string, state: State): Thread {
  if (!thread.outbox.some((draft) => draft.id === id)) return thread;
  return { ...thread, states: { ...thread.states, [id]: state } };
}

/** The server has it; what came of it may have overtaken the receipt. */
export function withReceipt(thread: Thread, id: string): Thread {
  return thread.states[id] === "sending" ? withState(thread, id, "sent") : thread;
}

export function withTyping(thread: Thread, to: string): Thread {
  return { ...thread, writing: { ...thread.writing, [to]: thread.writing[to] ?? [] } };
}

export function withSentence(thread: Thread, to: string, number: number, text: string): Thread {
  const sentences = [...(thread.writing[to] ?? [])];
  sentences[number - 1] = text;
  return { ...thread, writing: { ...thread.writing, [to]: Array.from(sentences, (sentence) => sentence ?? "") } };
}

/** A message that came in: a reply takes the place of its sentences; one that came before is replaced, not doubled. */
export function withMessage(thread: Thread, message: Message): Thread {
  const known = thread.messages.some((other) => other.id === message.id);
  const messages = known
    ? thread.messages.map((other) => (other.id === message.id ? message : other))
    : [...thread.messages, message];
  if (message.from === "customer") return { ...thread, messages };
  const settled = settle({ ...thread, messages }, message.to);
  if (!(message.to in settled.writing)) return settled; // nothing of it is on its way: it answers no message
  return { ...settled, writing: { ...settled.writing, [message.to]: [] } };
}

/** The turn is over: nothing of it is on its way. False if the message or a reply to it is missing here. */
export function withDone(thread: Thread, to: string, replies: string[]): [Thread, boolean] {
  const known = new Set(thread.messages.map((message) => message.id));
  const { [to]: _, ...writing } = thread.writing;
  const settled = settle(thread, to);
  const outbox = settled.outbox.filter((draft) => draft.id !== to);
  const { [to]: __, ...states } = settled.states;
  return [{ ...settled, outbox, states, writing }, replies.length > 0 && [to, ...replies].every((id) => known.has(id))];
}

/** A whole turn at once: nothing of it is on its way, whether or not it was heard before. */
export function withTurn(thread: Thread, id: string, messages: Message[]): Thread {
  return withDone(messages.reduce(withMessage, thread), id, [])[0];
}

export function withFailure(thread: Thread, to: string): Thread {
  const { [to]: _, ...writing } = thread.writing;
  return withState({ ...thread, writing }, to, "failed");
}

/** The message is part of the thread now, before what answers it; it stays in the outbox until the turn is done. */
function settle(thread: Thread, id: string): Thread {
  const draft = thread.outbox.find((one) => one.id === id);
  if (!draft || thread.messages.some((message) => message.id === id)) return thread;
  const asked: Question = { id, from: "customer", text: draft.title ?? draft.text, time: draft.time };
  const first = thread.messages.findIndex((message) => message.from !== "customer" && message.to === id);
  const messages =
    first < 0 ? [...thread.messages, asked] : [...thread.messages.slice(0, first), asked, ...thread.messages.slice(first)];
  return { ...thread, messages };
}

/** What is shown, in order: settled messages, then those on their way. */
export function shown(thread: Thread): Message[] {
  const known = new Set(thread.messages.map((message) => message.id));
  const waiting = thread.outbox
    .filter((draft) => !known.has(draft.id))
    .map((draft): Question => ({ id: draft.id, from: "customer", text: draft.title ?? draft.text, time: draft.time }));
  return [...thread.messages, ...waiting];
}

/** The person who answers here now, as far as the messages tell; the assistant's next one says that it is back. */
export function agentOf(thread: Thread): string | null {
  const replies = thread.messages.filter((message): message is Reply => message.from !== "customer");
  const last = replies[replies.length - 1];
  return last?.agent ?? last?.joined ?? null;
}
