// How far the customer has read, kept in the browser for each conversation: the badge counts also after a reload.

import type { Memory } from "./memory";
import type { Message } from "./thread";

const PREFIX = "lichno.read.";
const NOTHING = "-"; // there was nothing to read yet

export class Reading {
  private readonly here = new Map<string, string>(); // where the browser keeps nothing, the page does

  constructor(private readonly memory: Memory) {}

  /** Everything up to here is read. */
  mark(conversation: string, messages: Message[]): void {
    const last = repliesOf(messages).pop()?.id ?? NOTHING;
    if (this.markOf(conversation) === last) return; // or every tab would be told of each sentence
    this.here.set(conversation, last);
    this.memory.set(PREFIX + conversation, last);
  }

  /** A conversation that this browser has not shown before begins as read. */
  begin(conversation: string, messages: Message[]): void {
    if (this.markOf(conversation) === undefined) this.mark(conversation, messages);
  }

  /** Replies that have come since. */
  unread(conversation: string, messages: Message[]): number {
    const mark = this.markOf(conversation);
    if (mark === undefined) return 0;
    const ids = repliesOf(messages).map((reply) => reply.id);
    return ids.length - 1 - ids.lastIndexOf(mark);
  }

  private markOf(conversation: string): string | undefined {
    return this.memory.get(PREFIX + conversation) ?? this.here.get(conversation);
  }
}

function repliesOf(messages: Message[]): Message[] {
  return messages.filter((message) => message.from !== "customer");
}
