// What the desk holds, changed by one pure function for each thing that happens.

import type { Answer, Handover, Note, Opened, Queue, Said, Suggestion } from "./protocol";

export interface Conversation extends Opened {
  suggested: Suggested | null; // null: not asked for
}

/** Suggested replies; while new ones are looked for, the earlier ones stand. */
export interface Suggested {
  state: "loading" | "ready" | "busy" | "failed"; // busy: the assistant had no time for it
  replies: Suggestion[];
}

/** A reply until the server has it. */
export interface Sending {
  id: string; // the key under which the server knows it again
  handover: number;
  text: string;
  time: number;
  failed: boolean;
}

/** The known ones with the news: one that is known is replaced where it stands, the others follow. */
export function merged<Item extends { id: string | number }>(known: Item[], news: Item[]): Item[] {
  const changed = new Map(news.map((item) => [item.id, item]));
  const kept = known.map((item) => changed.get(item.id) ?? item);
  const ids = new Set(known.map((item) => item.id));
  return [...kept, ...[...changed.values()].filter((item) => !ids.has(item.id))];
}

export function withMessages(conversation: Conversation, messages: Said[]): Conversation {
  return { ...conversation, thread: merged(conversation.thread, messages) };
}

export function withNote(conversation: Conversation, note: Note): Conversation {
  return { ...conversation, notes: merged(conversation.notes, [note]) };
}

export function withHandover(conversation: Conversation, handover: Handover): Conversation {
  return { ...conversation, handover };
}

/** What became of a wish for suggestions; without an answer the server was too busy for one. */
export function suggestedBy(answer: Answer<{ suggestions: Suggestion[] }> | null): Suggested {
  if (answer?.ok) return { state: "ready", replies: answer.suggestions };
  return { state: !answer || answer.error === "busy" ? "busy" : "failed", replies: [] };
}

/** Replies of this conversation that are not yet in its thread. */
export function underway(conversation: Conversation, sending: Sending[]): Sending[] {
  const arrived = (key: string) => conversation.thread.some((said) => said.id.endsWith(`.${key}`));
  return sending.filter((one) => one.handover === conversation.handover.id && !arrived(one.id));
}

/** The customer's last question: suggestions answer it. */
export function lastQuestion(conversation: Conversation): string | null {
  const questions = conversation.thread.filter((said) => said.from === "customer");
  return questions[questions.length - 1]?.id ?? null;
}

/** Conversations that wait now and did not before. */
export function arrived(before: Queue | null, after: Queue): Handover[] {
  if (!before) return [];
  const known = new Set(before.waiting.map((one) => one.id));
  return after.waiting.filter((one) => !known.has(one.id));
}

/** The agent's own conversations in which the customer wrote what the agent has not seen. */
export function unseen(unread: number[], before: Queue | null, after: Queue, seen: number | null): number[] {
  const asked = new Map(before?.mine.map((one) => [one.id, one.asked]));
  const isNew = (one: Handover) => asked.has(one.id) && asked.get(one.id) !== one.asked;
  return after.mine
    .filter((one) => one.id !== seen && (unread.includes(one.id) || isNew(one)))
    .map((one) => one.id);
}

/** How many conversations want this agent's eye. */
export function pressing(queue: Queue | null, unread: number[]): number {
  return (queue?.waiting.length ?? 0) + unread.length;
}
