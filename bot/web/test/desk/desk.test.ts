import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Desk } from "../../src/desk/desk";
import { underway } from "../../src/desk/state";
import { FakeServer, handover, opened, person } from "./fake_server";

let server: FakeServer;
let desk: Desk;

/** Until everything that was asked is answered. */
const settled = () => new Promise((resolve) => setTimeout(resolve));
const question = (id: string, text = "And now?") => ({ id, from: "customer", text, time: 2 }) as const;

/** All that the page shows of the conversation: what the server has, then what is on its way. */
function texts(): string[] {
  const { conversation, sending } = desk.view;
  if (!conversation) return [];
  return [...conversation.thread, ...underway(conversation, sending)].map((one) => one.text);
}

beforeEach(() => {
  sessionStorage.clear();
  server = new FakeServer();
  server.mine = [handover(7, { state: "taken", agent: "Anna" })];
  desk = new Desk(server, sessionStorage);
});

afterEach(() => vi.useRealTimers());

async function shownSeven(): Promise<void> {
  desk.start();
  await settled();
  await desk.show(7);
}

describe("a reply", () => {
  it("is shown at once and stands there once, whether the message or the receipt comes first", async () => {
    await shownSeven();
    desk.reply(7, "On its way.");
    expect(texts()).toEqual(["On its way."]);
    await settled();
    expect(texts()).toEqual(["On its way."]);
    expect(desk.view.sending).toEqual([]);
  });

  it("is sent while another is on its way, after it and once", async () => {
    await shownSeven();
    desk.reply(7, "One.");
    desk.reply(7, "Two.");
    await settled();
    expect(server.asked.filter((event) => event === "reply").length).toBe(2);
    expect(texts()).toEqual(["One.", "Two."]);
  });

  it("whose receipt is lost goes out again under the same key and is not doubled", async () => {
    await shownSeven();
    server.silent.add("reply");
    desk.reply(7, "On its way.");
    await settled();
    expect([desk.view.status, desk.view.sending.length]).toEqual(["offline", 1]);
    expect(texts()).toEqual(["On its way."]);
    server.silent.clear();
    server.connect();
    await settled();
    expect(server.asked.filter((event) => event === "reply").length).toBe(2);
    expect(server.conversation(7).thread.length).toBe(1);
    expect([texts(), desk.view.sending]).toEqual([["On its way."], []]);
  });

  it("written without a connection goes out with the next one, in order", async () => {
    await shownSeven();
    server.disconnect();
    desk.reply(7, "One.");
    desk.reply(7, "Two.");
    await settled();
    expect(server.conversation(7).thread).toEqual([]);
    server.connect();
    await settled();
    expect(server.conversation(7).thread.map((said) => said.text)).toEqual(["One.", "Two."]);
    expect(texts()).toEqual(["One.", "Two."]);
  });

  it("survives a reload of the page", async () => {
    await shownSeven();
    server.disconnect();
    desk.reply(7, "On its way.");
    desk = new Desk(server, sessionStorage);
    await shownSeven();
    await settled();
    expect(server.conversation(7).thread.map((said) => said.text)).toEqual(["On its way."]);
    expect([texts(), desk.view.sending]).toEqual([["On its way."], []]);
  });

  it("that may not be sent stands in the field again, before what was written since", async () => {
    await shownSeven();
    server.refusals.set("reply", { error: "taken", by: "Boris" });
    desk.reply(7, "On its way.");
    desk.write(7, "reply", "And tomorrow");
    await settled();
    expect([texts(), desk.view.sending]).toEqual([[], []]);
    expect(desk.view.drafts.reply).toBe("On its way.\nAnd tomorrow");
    expect(desk.view.notice).toEqual({ error: "taken", by: "Boris" });
  });

  it("that the server had trouble with waits for the agent, and holds up no other", async () => {
    await shownSeven();
    server.refusals.set("reply", { error: "trouble" });
    desk.reply(7, "One.");
    await settled();
    const [failed] = desk.view.sending;
    expect(failed?.failed).toBe(true);
    server.refusals.clear();
    desk.reply(7, "Two.");
    await settled();
    expect(server.conversation(7).thread.map((said) => said.text)).toEqual(["Two."]);
    desk.again(failed?.id ?? "");
    await settled();
    expect(texts()).toEqual(["Two.", "One."]);
  });

  it("that came too fast goes out after the wait", async () => {
    await shownSeven();
    vi.useFakeTimers();
    server.refusals.set("reply", { error: "rate", wait: 3 });
    desk.reply(7, "On its way.");
    await vi.advanceTimersByTimeAsync(2000);
    server.refusals.clear();
    expect(server.conversation(7).thread).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.conversation(7).thread.length).toBe(1);
  });
});

describe("a lost connection", () => {
  it("loses nothing: what happened meanwhile is read again", async () => {
    await shownSeven();
    server.disconnect();
    server.conversations.set(7, { ...opened(7, { state: "taken" }), thread: [question("q1")] });
    server.waiting = [handover(8)];
    server.connect();
    await settled();
    expect(texts()).toEqual(["And now?"]);
    expect(desk.view.queue?.waiting.map((one) => one.id)).toEqual([8]);
    expect(desk.view.status).toBe("online");
  });

  it("during the opening of a conversation opens it with the next one", async () => {
    desk.start();
    await settled();
    server.silent.add("open");
    await desk.show(7);
    expect(desk.view.conversation).toBeNull();
    server.silent.clear();
    server.connect();
    await settled();
    expect(desk.view.conversation?.handover.id).toBe(7);
  });

  it("and an expired sign-in show the sign-in, and keep what was begun", async () => {
    await shownSeven();
    desk.write(7, "reply", "I was about to");
    server.refusals.set("connect", new Error("signed_out"));
    server.disconnect();
    server.connect();
    expect(desk.view.status).toBe("signed_out");
    server.refusals.clear();
    server.connect();
    await settled();
    expect([desk.view.status, desk.view.drafts.reply]).toEqual(["online", "I was about to"]);
  });
});

describe("news", () => {
  it("that overtake the conversation they are about are in it", async () => {
    desk.start();
    await settled();
    const read = desk.show(7);
    server.tell("messages", { id: 7, messages: [question("q1", "Hello?")] });
    await read;
    expect(texts()).toEqual(["Hello?"]);
  });

  it("of a message that is known replace it where it stands", async () => {
    await shownSeven();
    server.tell("messages", { id: 7, messages: [person("a", "One."), question("q1")] });
    server.tell("messages", { id: 7, messages: [{ ...person("a", "One."), delivery: "sent" }] });
    expect(desk.view.conversation?.thread.map((said) => said.id)).toEqual(["desk.7.a", "q1"]);
    expect(desk.view.conversation?.thread[0]).toMatchObject({ delivery: "sent" });
  });

  it("of another conversation stay out of the one on the page", async () => {
    await shownSeven();
    server.tell("messages", { id: 8, messages: [question("q1")] });
    server.tell("note", { id: 8, note: { id: 1, author: "Boris", text: "…", time: 1 } });
    expect([texts(), desk.view.conversation?.notes]).toEqual([[], []]);
  });
});

describe("the queue", () => {
  it("names the conversation that came, not those that were there", async () => {
    server.waiting = [handover(8)];
    desk.start();
    await settled();
    expect(desk.view.arrived).toBeNull();
    server.tell("queue", { ...server.queue, waiting: [handover(8), handover(9)] });
    expect(desk.view.arrived?.id).toBe(9);
  });

  it("marks the agent's own where the customer wrote, until it is looked at", async () => {
    desk.start();
    await settled();
    const hear = (asked: string) =>
      server.tell("queue", { ...server.queue, mine: [handover(7, { state: "taken", asked })] });
    hear("q1");
    expect(desk.view.unread).toEqual([7]);
    await desk.show(7);
    expect(desk.view.unread).toEqual([]);
    hear("q2");
    expect(desk.view.unread).toEqual([]);
    await desk.show(8);
    hear("q2"); // a queue for another reason
    expect(desk.view.unread).toEqual([]);
    hear("q3"); // the same words once more are another message
    expect(desk.view.unread).toEqual([7]);
  });
});

it("what is begun is kept for each conversation, until it is sent", async () => {
  await shownSeven();
  desk.write(7, "reply", "To seven");
  await desk.show(8);
  expect(desk.view.drafts).toEqual({ reply: "", note: "" });
  desk.write(8, "note", "Of eight");
  await desk.show(7);
  expect(desk.view.drafts.reply).toBe("To seven");
  desk.reply(7, desk.view.drafts.reply);
  expect(desk.view.drafts.reply).toBe("");
  await desk.show(8);
  expect(desk.view.drafts.note).toBe("Of eight");
});

it("a note that was not saved stays in its field", async () => {
  await shownSeven();
  desk.write(7, "note", "Call after six");
  server.refusals.set("note", { error: "trouble" });
  await desk.note(7, "Call after six");
  expect([desk.view.drafts.note, desk.view.notice?.error]).toEqual(["Call after six", "trouble"]);
  server.refusals.clear();
  await desk.note(7, "Call after six");
  expect([desk.view.drafts.note, desk.view.notice]).toEqual(["", null]);
});

it("signing out leaves nothing of the customers in the browser", async () => {
  vi.stubGlobal("fetch", async () => new Response(null, { status: 204 }));
  await shownSeven();
  desk.write(7, "reply", "Dear Emma");
  server.disconnect();
  desk.reply(7, "Dear Emma");
  await desk.signOut();
  expect([sessionStorage.length, desk.view.conversation, desk.view.sending]).toEqual([0, null, []]);
  vi.unstubAllGlobals();
});

describe("suggested replies", () => {
  const found = (text: string) => ({ ok: true, suggestions: [{ text, title: "", url: "" }] });
  const shown = () => desk.view.conversation?.suggested;

  it("answer the latest wish, whichever answer comes last", async () => {
    await shownSeven();
    let late: (answer: unknown) => void = () => undefined;
    server.refusals.set("suggest", new Promise((resolve) => (late = resolve)));
    void desk.suggest(7);
    server.refusals.set("suggest", found("To the second."));
    await desk.suggest(7);
    late(found("To the first."));
    await settled();
    expect(shown()).toEqual({ state: "ready", replies: found("To the second.").suggestions });
  });

  it("stand until others are found", async () => {
    await shownSeven();
    server.refusals.set("suggest", found("Earlier."));
    await desk.suggest(7);
    void desk.suggest(7);
    expect(shown()).toEqual({ state: "loading", replies: found("Earlier.").suggestions });
    await settled();
  });

  it("that a busy assistant did not get to are told as such, trouble as trouble", async () => {
    await shownSeven();
    server.refusals.set("suggest", { error: "busy" });
    await desk.suggest(7);
    expect(shown()).toEqual({ state: "busy", replies: [] });
    server.refusals.set("suggest", { error: "trouble" });
    await desk.suggest(7);
    expect(shown()).toEqual({ state: "failed", replies: [] });
  });

  it("that were asked for as the connection went are not told as failed", async () => {
    await shownSeven();
    server.silent.add("suggest");
    await desk.suggest(7);
    expect([desk.view.status, shown()?.state]).toEqual(["offline", "loading"]);
  });
});
