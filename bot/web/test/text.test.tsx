import { render } from "preact";
import { expect, it } from "vitest";
import { isWeb, Text } from "../src/text";
import { textsIn } from "../src/texts";
import type { Citation, Reply } from "../src/thread";
import { transcriptOf } from "../src/transcript";

const CITATION: Citation = { number: 1, title: "Delivery", url: "https://shop.example/help#passage-1", text: "…" };
const REPLY: Reply = {
  id: "a.1",
  to: "a",
  from: "assistant",
  text: "",
  time: 1,
  buttons: [],
  citations: [],
  facts: [],
  quoted: false,
};

function shown(text: string, citations: Citation[] = []): HTMLElement {
  const root = document.createElement("div");
  render(<Text text={text} citations={citations} texts={textsIn("en")} />, root);
  return root;
}

it("marks lead to their source, and only known ones are marks", () => {
  const root = shown("It costs 299 ₽ [1]. See [2].", [CITATION]);
  const links = [...root.querySelectorAll("a")];
  expect(links.map((link) => link.getAttribute("href"))).toEqual([CITATION.url]);
  expect(root.textContent).toBe("It costs 299 ₽1. See [2].");
});

it("addresses become links without the stop that follows", () => {
  const root = shown("Look at https://shop.example/a?b=1. Or (https://shop.example/c)");
  expect([...root.querySelectorAll("a")].map((link) => link.getAttribute("href"))).toEqual([
    "https://shop.example/a?b=1",
    "https://shop.example/c",
  ]);
});

it("markup in a reply stays text", () => {
  const root = shown('<img src=x onerror="alert(1)"> <b>bold</b>');
  expect(root.querySelector("img, b")).toBeNull();
  expect(root.textContent).toContain("<img");
});

it("paragraphs and lines are kept", () => {
  const root = shown("one\ntwo\n\nthree");
  expect([root.querySelectorAll("p").length, root.querySelectorAll("br").length]).toEqual([2, 1]);
});

it.each([
  ["https://shop.example/a", true],
  ["/en/help/a", true],
  ["//evil.example", false],
  ["javascript:alert(1)", false],
  ["data:text/html,x", false],
  ["", false],
])("only pages are linked: %s", (url, linked) => {
  expect(isWeb(url)).toBe(linked);
  const root = shown("A [1].", [{ ...CITATION, url }]);
  expect(root.querySelector("a") !== null).toBe(linked);
});

it("a transcript tells who said what, with the sources", () => {
  const text = transcriptOf(
    [
      { id: "a", from: "customer", text: "How much?", time: 0 },
      { ...REPLY, text: "299 ₽ [1].", citations: [CITATION] },
      { ...REPLY, from: "person", agent: "Anna", text: "Shall I book it?" },
    ],
    textsIn("en"),
  );
  expect(text).toMatch(/You:\nHow much\?/);
  expect(text).toMatch(/Assistant:\n299 ₽ \[1\]\.\n\[1\] Delivery: https:\/\/shop\.example\/help#passage-1\n/);
  expect(text).toMatch(/Anna, support:\nShall I book it\?/);
});
