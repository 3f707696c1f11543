import { describe, expect, it } from "vitest";
import * as threads from "../src/thread";
import type { Draft, Question, Reply, Thread } from "../src/thread";

const draft = (id: string, time = 1): Draft => ({ id, text: `text of ${id}`, time });
const question = (id: string): Question => ({ id, from: "customer", text: `text of ${id}`, time: 1 });
const reply = (to: string, number = 1, text = "An answer."): Reply => ({
  id: `${to}.${number}`,
  to,
  from: "assistant",
  text,
  time: 2,
  buttons: [],
  citations: [],
  facts: [],
  quoted: false,
});
const ids = (thread: Thread) => threads.shown(thread).map((message) => message.id);

describe("a message on its way", () => {
  it("is shown at once, then as sent, then answered and forgotten by the outbox", () => {
    let thread = threads.withDraft(threads.emptyThread(), draft("a"));
    expect([ids(thread), thread.states["a"]]).toEqual([["a"], "sending"]);
    thread = threads.withState(thread, "a", "sent");
    thread = threads.withTyping(thread, "a");
    thread = threads.withSentence(thread, "a", 1, "One.");
    thread = threads.withSentence(thread, "a", 2, "Two.");
    expect(thread.writing["a"]).toEqual(["One.", "Two."]);
    thread = threads.withMessage(thread, reply("a"));
    expect(ids(thread)).toEqual(["a", "a.1"]);
    const [done, complete] = threads.withDone(thread, "a", ["a.1"]);
    expect(complete).toBe(true);
    expect([ids(done), done.outbox, done.states, done.writing]).toEqual([["a", "a.1"], [], {}, {}]);
  });

  it("keeps its place before a later one that still waits", () => {
    let thread = threads.withDraft(threads.withDraft(threads.emptyThread(), draft("a")), draft("b", 2));
    thread = threads.withMessage(thread, reply("a"));
    expect(ids(thread)).toEqual(["a", "a.1", "b"]);
  });

  it("stays in the outbox when it could not be answered, so that it can be sent again", () => {
    let thread = threads.withTyping(threads.withDraft(threads.emptyThread(), draft("a")), "a");
    thread = threads.withFailure(thread, "a");
    expect([thread.outbox.length, thread.states["a"], thread.writing]).toEqual([1, "failed", {}]);
  });

  it("that failed before its receipt came stays failed", () => {
    const failed = threads.withFailure(threads.withDraft(threads.emptyThread(), draft("a")), "a");
    expect(threads.withReceipt(failed, "a").states["a"]).toBe("failed");
    expect(threads.withReceipt(threads.withState(failed, "a", "sending"), "a").states["a"]).toBe("sent");
  });

  it("has a sentence that overtook another in its place", () => {
    let thread = threads.withSentence(threads.emptyThread(), "a", 2, "Two.");
    expect(thread.writing["a"]).toEqual(["", "Two."]);
    thread = threads.withSentence(thread, "a", 1, "One.");
    expect(thread.writing["a"]).toEqual(["One.", "Two."]);
  });
});

describe("what comes twice", () => {
  it("is shown once, as it came last", () => {
    let thread = threads.withMessage(threads.emptyThread([draft("a")]), reply("a"));
    thread = threads.withMessage(thread, reply("a", 1, "Better."));
    expect(ids(thread)).toEqual(["a", "a.1"]);
    expect(threads.shown(thread)[1]?.text).toBe("Better.");
  });

  it("is noticed missing when the turn is done", () => {
    const thread = threads.withMessage(threads.emptyThread([draft("a")]), reply("a"));
    expect(threads.withDone(thread, "a", ["a.1", "a.2"])[1]).toBe(false);
    expect(threads.withDone(thread, "a", [])[1]).toBe(false); // answered before the connection was lost
    const late = threads.withMessage(threads.emptyThread(), reply("a")); // opened after the question was shown
    expect(threads.withDone(late, "a", ["a.1"])[1]).toBe(false);
  });
});

describe("the history after a connection", () => {
  it("takes answered messages out of the outbox and leaves the others to be sent", () => {
    const thread = threads.emptyThread([draft("a"), draft("b", 2)]);
    const after = threads.withHistory(thread, [question("a"), reply("a")], []);
    expect([ids(after), after.outbox.map((one) => one.id)]).toEqual([["a", "a.1", "b"], ["b"]]);
  });

  it("goes on with the reply that is being written", () => {
    const after = threads.withHistory(threads.emptyThread([draft("a")]), [], [{ to: "a", sentences: ["One."] }]);
    expect([ids(after), after.writing]).toEqual([["a"], { a: ["One."] }]);
  });

  it("keeps what another tab sent while it is being answered", () => {
    const thread = threads.withMessage(threads.emptyThread(), question("x"));
    expect(ids(threads.withHistory(thread, [], [{ to: "x", sentences: [] }]))).toEqual(["x"]);
    expect(ids(threads.withHistory(thread, [], []))).toEqual([]);
  });

  it("applied twice changes nothing more", () => {
    const history = [question("a"), reply("a")];
    const once = threads.withHistory(threads.emptyThread([draft("b")]), history, []);
    expect(threads.withHistory(once, history, [])).toEqual(once);
  });
});

it("a pressed button shows its title, not its payload", () => {
  const thread = threads.withDraft(threads.emptyThread(), { id: "a", text: "/affirm", title: "Yes", time: 1 });
  expect(threads.shown(thread)[0]?.text).toBe("Yes");
});

it("what is said unasked leaves nothing on its way", () => {
  const thread = threads.withMessage(threads.emptyThread(), { ...reply("a"), to: "" });
  expect([ids(thread), thread.writing]).toEqual([["a.1"], {}]);
});

it("a person answers until the assistant's next message", () => {
  const person: Reply = { ...reply("b"), from: "person", agent: "Anna" };
  let thread = threads.withHistory(threads.emptyThread(), [question("a"), reply("a"), question("b"), person], []);
  expect(threads.agentOf(thread)).toBe("Anna");
  thread = threads.withMessage(threads.withMessage(thread, question("c")), reply("c"));
  expect(threads.agentOf(thread)).toBeNull();
});

it("a person answers from the moment they joined, before they have said anything", () => {
  const joined: Reply = { ...reply("desk"), to: "", joined: "Anna", text: "Anna answers from here on." };
  let thread = threads.withMessage(threads.emptyThread(), joined);
  expect(threads.agentOf(thread)).toBe("Anna");
  thread = threads.withMessage(thread, { ...reply("back"), to: "" });
  expect(threads.agentOf(thread)).toBeNull();
});
