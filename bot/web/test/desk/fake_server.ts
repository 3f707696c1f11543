// The desk's server as its contract has it, at the other end of a socket that can be cut.

import type { Socket } from "../../src/desk/desk";
import type { Handover, Opened, Queue, Suggestion } from "../../src/desk/protocol";
import type { Reply } from "../../src/thread";

export function handover(id: number, more: Partial<Handover> = {}): Handover {
  return {
    id,
    state: "waiting",
    channel: "web",
    pushed: true,
    language: "en",
    requested: 1000 + id,
    taken: null,
    closed: null,
    agent: null,
    customer: "Emma",
    question: "Where is my order?",
    ticket: null,
    ended: null,
    asked: null,
    ...more,
  };
}

export function opened(id: number, more: Partial<Handover> = {}): Opened {
  return { handover: handover(id, more), summary: "", customer: null, thread: [], notes: [] };
}

export function person(key: string, text: string): Reply {
  const nothing = { to: "", buttons: [], citations: [], facts: [], quoted: false };
  return { ...nothing, id: `desk.7.${key}`, from: "person", agent: "Anna", text, time: 1 };
}

type Data = Record<string, never>;

export class FakeServer implements Socket {
  connected = false;
  waiting: Handover[] = [];
  mine: Handover[] = [];
  suggestions: Suggestion[] = [];
  conversations = new Map<number, Opened>();
  refusals = new Map<string, unknown>(); // by event
  silent = new Set<string>(); // events that are done, but whose acknowledgement is lost with the connection
  asked: string[] = [];
  private readonly hearing = new Map<string, (news: never) => void>();

  get queue(): Queue {
    const me = { name: "Anna", role: "agent", away: false } as const;
    const hours = { open: true, text: "", opens: null };
    return { me, hours, agents: [], waiting: this.waiting, mine: this.mine, others: [] };
  }

  on(event: string, hear: (news: never) => void): void {
    this.hearing.set(event, hear);
  }

  tell(event: string, news: unknown = undefined): void {
    this.hearing.get(event)?.(news as never);
  }

  connect(): void {
    if (this.refusals.has("connect")) return this.tell("connect_error", this.refusals.get("connect"));
    if (this.connected) return;
    this.connected = true;
    this.tell("connect");
  }

  disconnect(): void {
    if (!this.connected) return;
    this.connected = false;
    this.tell("disconnect", "transport close");
  }

  timeout(): { emitWithAck(event: string, data: Data): Promise<unknown> } {
    return { emitWithAck: (event, data) => this.answer(event, data) };
  }

  private async answer(event: string, data: Data): Promise<unknown> {
    if (!this.connected) throw new Error("not connected");
    this.asked.push(event);
    if (this.refusals.has(event)) return this.refusals.get(event);
    const done = this.do(event, data);
    await Promise.resolve();
    if (!this.silent.has(event)) return { ok: true, ...done };
    this.disconnect();
    throw new Error("the acknowledgement is lost");
  }

  private do(event: string, data: Data): object {
    if (event === "queue") return this.queue;
    if (event === "open") return { ...this.conversation(data["id"] ?? 0) };
    if (event === "reply") return { message: this.reply(data["id"] ?? 0, data["key"] ?? "", data["text"] ?? "") };
    return event === "suggest" ? { suggestions: this.suggestions } : {};
  }

  conversation(id: number): Opened {
    const known = this.conversations.get(id) ?? opened(id);
    this.conversations.set(id, known);
    return known;
  }

  /** Said once, however often it comes under the same key. */
  private reply(id: number, key: string, text: string): object {
    const known = this.conversation(id);
    const said = person(key, text);
    if (!known.thread.some((message) => message.id === said.id))
      this.conversations.set(id, { ...known, thread: [...known.thread, said] });
    this.tell("messages", { id, messages: [said] });
    return said;
  }
}
