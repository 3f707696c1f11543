// The conversation with the server: connects, proves who is there, sends until answered, hears what comes.

import { io, type Socket } from "socket.io-client";
import { ANSWER_MS, ask } from "./asking";
import { save } from "./files";
import { Memory } from "./memory";
import { Observed } from "./observed";
import { Outbox } from "./outbox";
import { Reading } from "./reading";
import type { Said, Session } from "./protocol";
import type { Tag } from "./tag";
import * as threads from "./thread";
import type { Attached, Draft, Reply, Thread } from "./thread";
import type { Texts } from "./texts";
import { Uploads, type Upload } from "./uploads";

export type Status = "idle" | "connecting" | "online" | "offline" | "refused" | "signed_out";
export type Notice = { text: keyof Texts; values?: Record<string, string | number> } | null;

const VISITOR = "lichno.visitor";
const OPENED = "lichno.opened"; // the customer has used the chat in this browser before
const TYPES_MS = 5000; // how long a person's sign of writing holds
const MAIL_MS = 30000; // for a mail server
export const LONGEST = 2000; // characters, as the server allows by default

export interface View {
  thread: Thread;
  status: Status;
  notice: Notice;
  signedIn: boolean;
  unread: number;
  personTypes: boolean;
  uploads: Upload[];
}

const NOTHING: View = {
  thread: threads.emptyThread(),
  status: "idle",
  notice: null,
  signedIn: false,
  unread: 0,
  personTypes: false,
  uploads: [],
};

export class Chat extends Observed<View> {
  readonly uploads: Uploads;
  private readonly outbox: Outbox;
  private readonly memory: Memory;
  private readonly read: Reading;
  private socket: Socket | null = null;
  private conversation: string | null = null;
  private ready = false; // the session is there: messages may go out
  private token: string | null = null;
  private typing: ReturnType<typeof setTimeout> | undefined; // ends the sign that a person writes
  private reading = false; // the panel is open and the page is seen

  constructor(
    private readonly tag: Tag,
    store: Storage,
  ) {
    super(NOTHING);
    this.outbox = new Outbox(store);
    this.memory = new Memory(store);
    this.read = new Reading(this.memory);
    this.uploads = new Uploads(
      tag.server,
      (anew) => this.currentToken(anew),
      (uploads) => this.update({ uploads }),
      (id, messages) => this.change((t) => threads.withTurn(t, id, messages)),
    );
  }

  get wasOpened(): boolean {
    return this.memory.get(OPENED) !== null;
  }

  setReading(reading: boolean): void {
    this.reading = reading;
    if (reading) {
      this.memory.set(OPENED, "1");
      this.start();
    }
    this.show(this.view.thread);
  }

  start(): void {
    if (this.socket) return;
    this.update({ status: "connecting" });
    const socket = io(this.tag.server, {
      transports: ["websocket"],
      auth: (prove) => void this.proof().then(prove),
      reconnectionDelayMax: 5000,
    });
    this.socket = socket;
    socket.on("connect", () => void this.greetServer());
    socket.on("disconnect", (reason) => this.lost(reason === "io server disconnect"));
    socket.on("connect_error", (error) => this.refused(error as Error & { data?: { wait?: number } }));
    socket.on("user_uttered", (said: threads.Question) => this.change((t) => threads.withMessage(t, said)));
    socket.on("typing", ({ to }: { to: string }) => this.change((t) => threads.withTyping(t, to)));
    socket.on("sentence", (s: { to: string; number: number; text: string }) =>
      this.change((t) => threads.withSentence(t, s.to, s.number, s.text)),
    );
    socket.on("bot_uttered", (reply: Reply) => this.hear(reply));
    socket.on("person_typing", () => this.personTypes(true));
    socket.on("done", ({ to, replies }: { to: string; replies: string[] }) => this.done(to, replies));
    socket.on("failed", ({ to }: { to: string }) => this.change((t) => threads.withFailure(t, to)));
    window.addEventListener("online", () => socket.connect());
    window.addEventListener("storage", () => this.show(this.view.thread)); // read in another tab
  }

  send(text: string, more: Pick<Draft, "title" | "without_profile"> = {}): void {
    const draft: Draft = { id: crypto.randomUUID(), text, ...more, time: Date.now() / 1000 };
    if (this.conversation) this.outbox.keep(this.conversation, draft);
    this.update({ notice: null });
    this.change((t) => threads.withDraft(t, draft));
    this.start();
    void this.transmit(draft);
  }

  again(id: string): void {
    const draft = this.view.thread.outbox.find((one) => one.id === id);
    if (draft) void this.transmit(draft);
  }

  stop(): void {
    void this.ask("stop");
  }

  notify(notice: Notice): void {
    this.update({ notice });
  }

  async saveFile(file: Attached): Promise<void> {
    const saved = await save(this.tag.server, await this.currentToken(true), file);
    this.notify(saved ? null : { text: "fileGone" });
  }

  /** The conversation by e-mail, to the customer's own address. */
  async mail(): Promise<void> {
    const answer = await this.ask<Said>("transcript", undefined, MAIL_MS);
    const refused = { no_address: "mailNoAddress", limit: "mailLimit" } as const;
    if (answer?.ok) this.notify({ text: "mailSent", values: { to: answer.to ?? "" } });
    else this.notify({ text: refused[answer?.error as keyof typeof refused] ?? "mailFailed" });
  }

  async rate(reply: string, rating: number, reason = ""): Promise<void> {
    const messages = this.view.thread.messages.map((m) => (m.id === reply ? { ...m, rating } : m));
    this.update({ thread: { ...this.view.thread, messages } });
    await this.ask("feedback", { reply, rating, reason });
  }

  // -- connecting ------------------------------------------------------------------------------

  private async proof(): Promise<Record<string, string>> {
    await this.fetchToken();
    if (this.token) return { token: this.token };
    const visitor = this.memory.get(VISITOR);
    return visitor ? { visitor } : {};
  }

  /** The shop's back end says who is signed in; where it cannot be reached, what it said last holds. */
  private async fetchToken(): Promise<void> {
    if (!this.tag.token) return;
    try {
      const answer = await fetch(this.tag.token, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.ok) this.token = ((await answer.json()) as { token: string | null }).token;
      else if (answer.status === 401) this.token = null;
    } catch {
      // Offline: the connection will say so itself.
    }
  }

  private async currentToken(anew: boolean): Promise<string | null> {
    if (anew || !this.token) await this.fetchToken();
    return this.token;
  }

  private async greetServer(): Promise<void> {
    const session = await this.ask<Session>("session_request");
    if (!session?.ok) {
      this.socket?.disconnect().connect(); // the next attempt brings a new token
      return;
    }
    if (session.visitor) this.memory.set(VISITOR, session.visitor);
    const unnamed = this.conversation === null ? this.view.thread.outbox : [];
    if (this.conversation !== session.session) {
      this.conversation = session.session;
      unnamed.forEach((draft) => this.outbox.keep(session.session, draft));
      const kept = this.outbox.load(session.session);
      const lost = unnamed.filter((draft) => !kept.some((other) => other.id === draft.id));
      this.update({ thread: threads.emptyThread([...kept, ...lost]) });
      this.uploads.clear();
    }
    this.ready = true;
    this.read.begin(session.session, session.history);
    this.update({ status: "online", signedIn: session.signed_in });
    this.change((t) => threads.withHistory(t, session.history, session.turns));
    for (const draft of this.view.thread.outbox) await this.transmit(draft);
  }

  private lost(byServer: boolean): void {
    this.ready = false;
    this.update({ status: "offline" });
    if (byServer) this.socket?.connect();
  }

  private refused(error: Error & { data?: { wait?: number } }): void {
    this.ready = false;
    if (error.message === "token_expired" || error.message === "rate") {
      const seconds = error.data?.wait ?? 2;
      setTimeout(() => this.socket?.connect(), seconds * 1000);
      this.update({ status: "offline" });
    } else if (error.message === "token_refused" || error.message === "other_customer") {
      this.update({ status: "signed_out" });
    } else {
      this.update({ status: this.socket?.active ? "offline" : "refused" });
    }
  }

  // -- sending ---------------------------------------------------------------------------------

  private async transmit(draft: Draft): Promise<void> {
    if (!this.ready) return; // the next session sends it
    this.change((t) => threads.withState(t, draft.id, "sending"));
    const { time: _, ...message } = draft;
    const said = await this.ask<Said>("user_uttered", message);
    if (!said) return; // no acknowledgement: the connection is gone, and it goes out with the next one
    if (said.ok) this.change((t) => threads.withReceipt(t, draft.id));
    else if (said.error === "token_expired") await this.refresh(draft);
    else if (said.error === "rate") this.later(draft, said.wait ?? 5);
    else {
      this.notify(said.error === "too_long" ? { text: "tooLong", values: { limit: LONGEST } } : null);
      this.change((t) => threads.withFailure(t, draft.id));
    }
  }

  /** A new token for the same session; where there is none, the customer is signed out. */
  private async refresh(draft: Draft): Promise<void> {
    await this.fetchToken();
    const answer = this.token ? await this.ask<Said>("refresh", { token: this.token }) : null;
    if (answer?.ok) await this.transmit(draft);
    else this.socket?.disconnect().connect(); // as whoever is there now
  }

  private later(draft: Draft, seconds: number): void {
    const whole = Math.ceil(seconds);
    this.notify({ text: "tooFast", values: { seconds: whole } });
    setTimeout(() => {
      this.notify(null);
      void this.transmit(draft);
    }, whole * 1000);
  }

  private done(to: string, replies: string[]): void {
    if (this.conversation) this.outbox.drop(this.conversation, to);
    const [thread, complete] = threads.withDone(this.view.thread, to, replies);
    this.show(thread);
    if (!complete) void this.greetServer(); // a reply came while we were away: the history has it
  }

  private hear(reply: Reply): void {
    if (reply.from === "person") this.personTypes(false);
    this.change((t) => threads.withMessage(t, reply));
  }

  private personTypes(personTypes: boolean): void {
    clearTimeout(this.typing);
    this.update({ personTypes });
    if (personTypes) this.typing = setTimeout(() => this.update({ personTypes: false }), TYPES_MS);
  }

  private async ask<Answer>(event: string, data?: unknown, patience = ANSWER_MS): Promise<Answer | null> {
    return this.socket ? ask<Answer>(this.socket, event, data, patience) : null;
  }

  private change(changed: (thread: Thread) => Thread): void {
    this.show(changed(this.view.thread));
  }

  private show(thread: Thread): void {
    if (!this.conversation) return this.update({ thread });
    if (this.reading) this.read.mark(this.conversation, thread.messages);
    this.update({ thread, unread: this.read.unread(this.conversation, thread.messages) });
  }
}
