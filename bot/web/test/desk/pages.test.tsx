import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { App } from "../../src/desk/app";
import { Desk } from "../../src/desk/desk";
import { refusalIn } from "../../src/desk/refusals";
import { addressOf, routeOf } from "../../src/desk/route";
import { moment, span } from "../../src/desk/times";
import { wordsIn } from "../../src/desk/words";
import { FakeServer, handover, opened } from "./fake_server";

const words = wordsIn("en");
let server: FakeServer;
let root: HTMLElement;

const settled = () => act(() => new Promise<void>((resolve) => setTimeout(resolve)));
const button = (name: string) => {
  const all = [...root.querySelectorAll("button")];
  const found = all.find((one) => (one.getAttribute("aria-label") ?? one.textContent)?.trim() === name);
  if (!found) throw new Error(`no button ${name} among ${all.map((one) => one.textContent).join(", ")}`);
  return found;
};
const field = () => root.querySelector<HTMLTextAreaElement>(".answering textarea");

async function open(path: string): Promise<void> {
  location.hash = path;
  const desk = new Desk(server, sessionStorage);
  root = document.createElement("div");
  document.body.replaceChildren(root);
  await act(() => render(<App desk={desk} words={words} />, root));
  desk.start();
  await settled();
}

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  await act(() => void field()?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more })));
  await settled();
}

async function type(text: string): Promise<void> {
  const area = field();
  if (!area) throw new Error("there is no field");
  area.value = text;
  await act(() => void area.dispatchEvent(new Event("input", { bubbles: true })));
}

beforeEach(() => {
  sessionStorage.clear();
  server = new FakeServer();
  server.mine = [handover(7, { state: "taken", agent: "Anna" })];
  server.conversations.set(7, opened(7, { state: "taken", agent: "Anna" }));
});

afterEach(() => {
  render(null, root);
  vi.unstubAllGlobals();
});

it("Enter sends, Shift+Enter and a half-composed character do not", async () => {
  await open("#/7");
  await type("On its way.");
  await press("Enter", { shiftKey: true });
  await press("Enter", { isComposing: true });
  expect(server.asked).not.toContain("reply");
  await press("Enter");
  expect(server.conversation(7).thread.map((said) => said.text)).toEqual(["On its way."]);
  expect(field()?.value).toBe("");
});

it("a suggested reply goes into the field, after what stands there, and is not sent", async () => {
  server.suggestions = [{ text: "It costs 299 ₽.", title: "Delivery", url: "/en/help/delivery" }];
  server.conversations.set(7, {
    ...opened(7, { state: "taken", agent: "Anna" }),
    thread: [{ id: "q1", from: "customer", text: "How much?", time: 1 }],
  });
  await open("#/7");
  await settled();
  await type("Hello Emma!");
  await act(() => button("It costs 299 ₽.").click());
  expect(field()?.value).toBe("Hello Emma!\nIt costs 299 ₽.");
  expect(document.activeElement).toBe(field());
  expect(server.asked).not.toContain("reply");
});

it("the agent writes only in a conversation that they have taken", async () => {
  server.waiting = [handover(8)];
  await open("#/8");
  expect(field()).toBeNull();
  await act(() => button(words.take).click());
  server.mine = [...server.mine, handover(8, { state: "taken", agent: "Anna" })];
  server.waiting = [];
  await act(() => {
    server.tell("queue", server.queue);
    server.tell("handover", { id: 8, handover: handover(8, { state: "taken", agent: "Anna" }) });
  });
  expect(document.activeElement).toBe(field());
  await act(() => {
    server.tell("handover", { id: 8, handover: handover(8, { state: "taken", agent: "Boris" }) });
    server.mine = [];
    server.tell("queue", server.queue);
  });
  expect(field()).toBeNull();
  expect(root.textContent).toContain("Boris is answering");
  expect(root.textContent).not.toContain("Take over from");
});

it("handing back leads to the list, unless the agent has gone on meanwhile", async () => {
  await open("#/7");
  await act(() => button(words.handBack).click());
  await settled();
  expect(location.hash).toBe("#/");
  location.hash = "#/7";
  await settled();
  await settled();
  let answer: (done: unknown) => void = () => undefined;
  server.refusals.set("hand_back", new Promise((resolve) => (answer = resolve)));
  await act(() => button(words.handBack).click());
  location.hash = "#/8";
  answer({ ok: true });
  await settled();
  expect(location.hash).toBe("#/8");
});

it("the title counts who waits, and a screen reader hears who came", async () => {
  server.waiting = [handover(8)];
  await open("#/");
  expect(document.title).toBe("(1) Support desk");
  expect(root.textContent).not.toContain("is waiting: Emma");
  server.waiting = [handover(8), handover(9, { customer: null })];
  await act(() => server.tell("queue", server.queue));
  expect(document.title).toBe("(2) Support desk");
  const told = [...root.querySelectorAll("[role=status]")].map((one) => one.textContent);
  expect(told).toContain("A new conversation is waiting: Visitor");
});

it("a wrong password is told at its field, and too many tries with the time to wait", async () => {
  server.refusals.set("connect", new Error("signed_out"));
  await open("#/");
  const answers = [
    new Response('{"error": "wrong_password"}', { status: 401 }),
    new Response('{"error": "rate", "wait": 29.2}', { status: 429 }),
  ];
  vi.stubGlobal("fetch", async () => answers.shift());
  const form = root.querySelector("form");
  const submit = async () => {
    await act(() => void form?.dispatchEvent(new Event("submit", { cancelable: true, bubbles: true })));
    await settled();
  };
  await submit();
  expect(root.querySelector("[role=alert]")?.textContent).toBe(words.wrong_password);
  await submit();
  expect(root.querySelector("[role=alert]")?.textContent).toBe("Too many attempts. Try again in 30 s.");
  expect(button("Sign in (30)").getAttribute("aria-disabled")).toBe("true");
  await submit(); // is held back until then
  expect(answers).toEqual([]);
});

it.each([
  ["", { page: "queue", id: null }],
  ["#/", { page: "queue", id: null }],
  ["#/7", { page: "queue", id: 7 }],
  ["#/history", { page: "history", id: null }],
  ["#/history/7", { page: "history", id: 7 }],
  ["#/feedback", { page: "feedback", id: null }],
  ["#/something", { page: "queue", id: null }],
] as const)("the address %s says which page is shown", (address, route) => {
  expect(routeOf(address)).toEqual(route);
  expect(routeOf(addressOf(route.page, route.id))).toEqual(route);
});

it("spans are told in minutes and hours, moments with their day if it is another", () => {
  expect([59, 60, 3599, 3600 + 120].map((seconds) => span(seconds, words))).toEqual([
    "just now",
    "1 min",
    "59 min",
    "1 h 2 min",
  ]);
  const noon = new Date(2026, 10, 25, 12, 5).getTime() / 1000;
  expect(moment(noon, words, noon + 60)).toBe("12:05");
  expect(moment(noon, words, noon + 86400)).toMatch(/25 Nov.*12:05/);
});

it("a refusal is a whole sentence, whoever is named in it", () => {
  expect(refusalIn(words, { error: "taken", by: "Boris" })).toBe("Boris has already taken this conversation.");
  expect(refusalIn(words, { error: "taken" })).toBe("Another agent has already taken this conversation.");
  expect(refusalIn(words, { error: "rate", wait: 2.1 })).toBe("Too often. Try again in 3 s.");
  expect(refusalIn(words, { error: "anything" as never })).toBe(words.trouble);
});
