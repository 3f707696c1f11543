import { beforeEach, expect, it } from "vitest";
import { Memory } from "../src/memory";
import { Reading } from "../src/reading";
import type { Message } from "../src/thread";

const HERE = "customer:C1";
const asked = (id: string): Message => ({ id, from: "customer", text: "", time: 1 });
const reply = (id: string): Message => ({
  id,
  to: "",
  from: "assistant",
  text: "",
  time: 1,
  buttons: [],
  citations: [],
  facts: [],
  quoted: false,
});
const thread = [asked("a"), reply("a.1"), asked("b"), reply("b.1")];
const reading = (store: Storage = localStorage) => new Reading(new Memory(store));

beforeEach(() => localStorage.clear());

it("replies after the last one read are counted, also after a reload and in another tab", () => {
  reading().mark(HERE, thread.slice(0, 2));
  expect(reading().unread(HERE, thread)).toBe(1);
  expect(reading().unread(HERE, [...thread, reply("c.1")])).toBe(2);
  reading().mark(HERE, thread);
  expect(reading().unread(HERE, thread)).toBe(0);
});

it("the first reply to somebody who has read nothing yet counts", () => {
  reading().mark(HERE, [asked("a")]);
  expect(reading().unread(HERE, thread)).toBe(2);
});

it("a conversation that this browser has not shown begins as read", () => {
  const other = reading();
  other.begin(HERE, thread);
  expect(other.unread(HERE, thread)).toBe(0);
  expect(other.unread(HERE, [...thread, reply("c.1")])).toBe(1);
  other.begin(HERE, [...thread, reply("c.1")]);
  expect(other.unread(HERE, [...thread, reply("c.1")])).toBe(1);
});

it("where the last one read has been erased or is too long ago, all that is left counts", () => {
  reading().mark(HERE, [reply("long-ago")]);
  expect(reading().unread(HERE, thread)).toBe(2);
  expect(reading().unread(HERE, [])).toBe(0);
});

it("a browser that keeps nothing counts as long as the page lives", () => {
  const refuse = () => {
    throw new Error("private browsing");
  };
  const here = reading({ getItem: refuse, setItem: refuse } as unknown as Storage);
  here.mark(HERE, thread.slice(0, 2));
  expect(here.unread(HERE, thread)).toBe(1);
  expect(here.unread("customer:C2", thread)).toBe(0);
});
