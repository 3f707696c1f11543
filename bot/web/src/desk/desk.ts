// The desk between page and server: signs in, keeps the connection, hears what happens, does what the agent wants.

import { ask, type Line } from "../asking";
import { Observed } from "../observed";
import { Outbox } from "../outbox";
import { Drafts, type Kind } from "./drafts";
import type { Answer, Handover, Note, Opened, Queue, Rated, Refusal, Said, Suggestion } from "./protocol";
import { Replies } from "./replies";
import { signIn, signOut, type SignIn } from "./session";
import * as state from "./state";
import type { Conversation, Sending } from "./state";

export type Status = "starting" | "signed_out" | "online" | "offline";

const TYPING_MS = 3000; // between two signs that the agent writes
const SUGGEST_MS = 30000; // longer than the server tries

/** The part of a socket.io socket that the desk needs. */
export interface Socket extends Line {
  on(event: string, hear: (news: never) => void): unknown;
  connect(): unknown;
  disconnect(): unknown;
}

export interface View {
  status: Status;
  queue: Queue | null;
  shown: number | null; // the handover on the page
  conversation: Conversation | null; // it, once it is read
  missing: Refusal | null; // why it cannot be
  sending: Sending[];
  drafts: Record<Kind, string>; // of the one on the page
  notice: Refusal | null; // what the server would not do
  unread: number[];
  arrived: Handover | null; // the latest that came while the desk was open
  closed: Handover[] | null;
  feedback: Rated[] | null;
}

const NOTHING: View = {
  status: "starting",
  queue: null,
  shown: null,
  conversation: null,
  missing: null,
  sending: [],
  drafts: { reply: "", note: "" },
  notice: null,
  unread: [],
  arrived: null,
  closed: null,
  feedback: null,
};

export class Desk extends Observed<View> {
  private readonly drafts: Drafts;
  private readonly replies: Replies;
  private overtaking: ((conversation: Conversation) => Conversation)[] = []; // news that came before what it is about
  private typed = 0; // when the customer was last told that the agent writes
  private wishes = 0; // for suggestions: only the latest is heard

  constructor(
    private readonly socket: Socket,
    private readonly store: Storage,
  ) {
    super(NOTHING);
    this.drafts = new Drafts(store);
    this.replies = new Replies(new Outbox(store), {
      deliver: ({ id: key, handover: id, text }) => this.ask("reply", { id, key, text }),
      isOnline: () => this.view.status === "online",
      changed: (sending) => this.update({ sending }),
      arrived: (reply, message) => this.change(reply.handover, (c) => state.withMessages(c, [message])),
      refused: (reply, refusal) => this.giveBack(reply, refusal),
    });
  }

  start(): void {
    this.socket.on("connect", () => void this.refresh());
    this.socket.on("disconnect", (reason: string) => this.lost(reason === "io server disconnect"));
    this.socket.on("connect_error", (error: Error & { data?: { wait?: number } }) => this.refused(error));
    this.socket.on("queue", (queue: Queue) => this.hear(queue));
    this.socket.on("messages", (news: { id: number; messages: Said[] }) =>
      this.change(news.id, (c) => state.withMessages(c, news.messages)),
    );
    this.socket.on("note", (news: { id: number; note: Note }) =>
      this.change(news.id, (c) => state.withNote(c, news.note)),
    );
    this.socket.on("handover", (news: { id: number; handover: Handover }) =>
      this.change(news.id, (c) => state.withHandover(c, news.handover)),
    );
    window.addEventListener("online", () => this.view.status === "offline" && this.socket.connect());
    this.socket.connect();
  }

  // -- signing in ------------------------------------------------------------------------------

  async signIn(name: string, password: string): Promise<SignIn> {
    const answer = await signIn(name, password);
    if ("ok" in answer) this.socket.connect();
    return answer;
  }

  /** Nothing of the customers stays in the browser. */
  async signOut(): Promise<void> {
    await signOut().catch(() => undefined);
    this.socket.disconnect();
    this.store.clear();
    this.drafts.forget();
    this.replies.forget();
    this.update({ ...NOTHING, status: "signed_out" });
  }

  // -- the connection --------------------------------------------------------------------------

  /** After every connection everything is read anew, so that nothing is lost with one. */
  private async refresh(): Promise<void> {
    const queue = await this.ask<Queue>("queue");
    if (!queue?.ok) return;
    this.update({ status: "online" });
    this.hear(queue);
    if (this.view.shown !== null) await this.read(this.view.shown);
    queue.mine.forEach((handover) => this.replies.restore(handover.id));
    await this.replies.sendAll();
  }

  private lost(byServer: boolean): void {
    if (this.view.status === "signed_out") return;
    this.update({ status: "offline" });
    if (byServer) this.socket.connect();
  }

  private refused(error: Error & { data?: { wait?: number } }): void {
    if (error.message === "signed_out") {
      this.update({ status: "signed_out" });
      return;
    }
    this.update({ status: "offline" });
    if (error.message === "rate") setTimeout(() => this.socket.connect(), (error.data?.wait ?? 2) * 1000);
  }

  private async ask<Data>(event: string, data: object = {}, patience?: number): Promise<Answer<Data> | null> {
    const answer = await ask<Answer<Data>>(this.socket, event, data, patience);
    if (answer && !answer.ok && answer.error === "signed_out") {
      this.update({ status: "signed_out" });
      this.socket.disconnect();
    }
    return answer;
  }

  // -- what is seen ----------------------------------------------------------------------------

  async show(shown: number | null): Promise<void> {
    const before = this.view.shown;
    if (before === shown) return;
    const drafts = shown === null ? NOTHING.drafts : this.draftsOf(shown);
    const unread = this.view.unread.filter((id) => id !== shown);
    this.update({ shown, conversation: null, missing: null, notice: null, drafts, unread });
    if (this.view.status !== "online") return; // the next connection reads it
    if (before !== null) void this.ask("leave", { id: before });
    if (shown !== null) await this.read(shown);
  }

  private async read(id: number): Promise<void> {
    this.overtaking = [];
    const answer = await this.ask<Opened>("open", { id });
    if (!answer || this.view.shown !== id) return;
    if (!answer.ok) this.update({ conversation: null, missing: answer });
    else {
      const { ok: _, ...opened } = answer;
      const read: Conversation = { ...opened, suggested: this.view.conversation?.suggested ?? null };
      this.update({ conversation: this.overtaking.reduce((known, change) => change(known), read), missing: null });
    }
  }

  private change(id: number, changed: (conversation: Conversation) => Conversation): void {
    if (this.view.shown !== id) return;
    this.overtaking.push(changed);
    if (this.view.conversation) this.update({ conversation: changed(this.view.conversation) });
  }

  private hear(queue: Queue): void {
    const before = this.view.queue;
    const seen = document.visibilityState === "visible" ? this.view.shown : null;
    const [news] = state.arrived(before, queue).slice(-1);
    this.update({
      queue,
      unread: state.unseen(this.view.unread, before, queue, seen),
      arrived: news ?? this.view.arrived,
    });
  }

  /** The agent sees the page again. */
  look(): void {
    if (document.visibilityState === "visible" && this.view.unread.includes(this.view.shown ?? 0))
      this.update({ unread: this.view.unread.filter((id) => id !== this.view.shown) });
  }

  async readClosed(): Promise<void> {
    const answer = await this.ask<{ handovers: Handover[] }>("history");
    if (answer?.ok) this.update({ closed: answer.handovers });
  }

  async readFeedback(): Promise<void> {
    const answer = await this.ask<{ feedback: Rated[] }>("feedback");
    if (answer?.ok) this.update({ feedback: answer.feedback });
  }

  // -- what the agent does ---------------------------------------------------------------------

  take(id: number): Promise<boolean> {
    return this.act("take", { id });
  }

  handBack(id: number): Promise<boolean> {
    return this.act("hand_back", { id });
  }

  close(id: number, resolution: string): Promise<boolean> {
    return this.act("close", resolution ? { id, resolution } : { id });
  }

  setAway(away: boolean): Promise<boolean> {
    return this.act("away", { away });
  }

  async note(id: number, text: string): Promise<void> {
    if (await this.act("note", { id, text })) this.write(id, "note", "");
  }

  reply(id: number, text: string): void {
    this.write(id, "reply", "");
    this.replies.send(id, text);
  }

  again(key: string): void {
    this.replies.again(key);
  }

  write(id: number, kind: Kind, text: string): void {
    this.drafts.keep(id, kind, text);
    if (this.view.shown === id) this.update({ drafts: this.draftsOf(id) });
  }

  /** The customer sees that somebody writes. */
  typing(id: number): void {
    if (Date.now() - this.typed < TYPING_MS || this.view.status !== "online") return;
    this.typed = Date.now();
    void this.ask("typing", { id });
  }

  async suggest(id: number): Promise<void> {
    const wish = ++this.wishes;
    this.change(id, (c) => ({ ...c, suggested: { state: "loading", replies: c.suggested?.replies ?? [] } }));
    const answer = await this.ask<{ suggestions: Suggestion[] }>("suggest", { id }, SUGGEST_MS);
    if (wish !== this.wishes || this.view.status !== "online") return; // asked anew, or will be
    this.change(id, (c) => ({ ...c, suggested: state.suggestedBy(answer) }));
  }

  dismiss(): void {
    this.update({ notice: null });
  }

  private async act(event: string, data: object): Promise<boolean> {
    const answer = await this.ask(event, data);
    if (answer?.ok) this.update({ notice: null });
    else this.update({ notice: answer ?? { error: "trouble" } });
    return answer?.ok ?? false;
  }

  /** A reply that may not be sent is the agent's to keep: it stands in the field again. */
  private giveBack(reply: Sending, refusal: Refusal): void {
    const written = this.drafts.of(reply.handover, "reply");
    this.write(reply.handover, "reply", [reply.text, written].filter(Boolean).join("\n"));
    this.update({ notice: refusal });
  }

  private draftsOf(id: number): Record<Kind, string> {
    return { reply: this.drafts.of(id, "reply"), note: this.drafts.of(id, "note") };
  }
}
