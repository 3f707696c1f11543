import { beforeEach, expect, it } from "vitest";
import { Outbox } from "../src/outbox";
import type { Draft } from "../src/thread";

const draft = (id: string, time: number): Draft => ({ id, text: id, time });
const DAY = 24 * 3600;

beforeEach(() => localStorage.clear());

it("gives back what was kept, oldest first, to the same conversation alone", () => {
  const outbox = new Outbox(localStorage, () => 100);
  outbox.keep("one", draft("b", 2));
  outbox.keep("one", draft("a", 1));
  outbox.keep("two", draft("c", 3));
  expect(outbox.load("one")).toEqual([draft("a", 1), draft("b", 2)]);
  expect(outbox.load("on")).toEqual([]);
});

it("forgets what is dropped, and what is older than a day", () => {
  const outbox = new Outbox(localStorage, () => DAY + 10);
  outbox.keep("one", draft("old", 5));
  outbox.keep("one", draft("a", 20));
  outbox.keep("one", draft("b", 21));
  outbox.drop("one", "b");
  expect(outbox.load("one")).toEqual([draft("a", 20)]);
});

it("survives a store that others wrote to, or that takes nothing", () => {
  localStorage.setItem("lichno.outbox.one/x", "not JSON");
  expect(new Outbox(localStorage).load("one")).toEqual([]);
  const full = {
    length: 0,
    key: () => null,
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  } as unknown as Storage;
  new Outbox(full).keep("one", draft("a", 1));
  expect(new Outbox(full).load("one")).toEqual([]);
});
