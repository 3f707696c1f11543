// Replies on their way: in order, one at a time, until the server has them; a lost connection loses and doubles none.

import type { Outbox } from "../outbox";
import type { Answer, Refusal, Said } from "./protocol";
import type { Sending } from "./state";

export interface Post {
  deliver: (reply: Sending) => Promise<Answer<{ message: Said }> | null>; // null: the connection is gone
  isOnline: () => boolean;
  changed: (sending: Sending[]) => void;
  arrived: (reply: Sending, message: Said) => void;
  refused: (reply: Sending, refusal: Refusal) => void;
}

export class Replies {
  private sending: Sending[] = [];
  private running = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly post: Post,
  ) {}

  send(handover: number, text: string): void {
    const reply = { id: crypto.randomUUID(), handover, text, time: Date.now() / 1000, failed: false };
    this.outbox.keep(placeOf(handover), reply);
    this.change([...this.sending, reply]);
    void this.sendAll();
  }

  /** What an earlier page of this tab could not send. */
  restore(handover: number): void {
    const known = new Set(this.sending.map((reply) => reply.id));
    const kept = this.outbox.load(placeOf(handover)).filter((draft) => !known.has(draft.id));
    if (kept.length) this.change([...this.sending, ...kept.map((draft) => ({ ...draft, handover, failed: false }))]);
  }

  again(id: string): void {
    this.change(this.sending.map((reply) => (reply.id === id ? { ...reply, failed: false } : reply)));
    void this.sendAll();
  }

  async sendAll(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      for (let next = this.next(); next && this.post.isOnline(); next = this.next()) await this.transmit(next);
    } finally {
      this.running = false;
    }
  }

  forget(): void {
    this.change([]);
  }

  private next(): Sending | undefined {
    return this.sending.find((reply) => !reply.failed);
  }

  private async transmit(reply: Sending): Promise<void> {
    const answer = await this.post.deliver(reply);
    if (!answer) return; // sent again, under the same key
    if (answer.ok) {
      this.post.arrived(reply, answer.message);
      this.drop(reply);
    } else if (answer.error === "rate") {
      await new Promise((resolve) => setTimeout(resolve, (answer.wait ?? 2) * 1000));
    } else if (answer.error === "trouble") {
      this.change(this.sending.map((other) => (other.id === reply.id ? { ...reply, failed: true } : other)));
    } else if (answer.error !== "signed_out") {
      this.drop(reply);
      this.post.refused(reply, answer);
    }
  }

  private drop(reply: Sending): void {
    this.outbox.drop(placeOf(reply.handover), reply.id);
    this.change(this.sending.filter((other) => other.id !== reply.id));
  }

  private change(sending: Sending[]): void {
    this.sending = sending;
    this.post.changed(sending);
  }
}

function placeOf(handover: number): string {
  return `desk.${handover}`;
}
