import { expect, test, vi } from "vitest";
import { faultOf, refusal, sizeOf, type Answer } from "../src/files";
import { textsIn } from "../src/texts";
import { Uploads, type Upload } from "../src/uploads";

const PHOTO = new File(["pixels"], "crack.jpg");
const MESSAGE = { id: "m1", from: "customer" as const, text: "", time: 1 };

function uploads(answers: (Answer | Promise<Answer>)[]) {
  const sent: (string | null)[] = [];
  const seen: Upload[][] = [];
  const arrived = vi.fn();
  const made = new Uploads(
    "https://support.example",
    async (anew) => (anew ? "new" : "old"),
    (list) => seen.push(list),
    arrived,
    async (_server, token, _id, _file, progress) => {
      sent.push(token);
      progress(0.5);
      return answers.shift() ?? { error: "trouble" };
    },
  );
  return { made, sent, seen, arrived };
}

test("a file on its way shows its progress and then becomes a message", async () => {
  const { made, seen, arrived } = uploads([{ messages: [MESSAGE] }]);
  made.add(PHOTO);
  await vi.waitFor(() => expect(made.list).toEqual([]));
  expect(seen.map((list) => list[0]?.share)).toContain(0.5);
  expect(arrived).toHaveBeenCalledWith(expect.any(String), [MESSAGE]);
});

test("an expired token is renewed once", async () => {
  const { made, sent, arrived } = uploads([{ error: "token_expired" }, { messages: [MESSAGE] }]);
  made.add(PHOTO);
  await vi.waitFor(() => expect(arrived).toHaveBeenCalled());
  expect(sent).toEqual(["old", "new"]);
});

test("a refused file stays with the reason until it is sent again under the same id, or dropped", async () => {
  const { made, arrived } = uploads([{ error: "trouble" }, { error: "kind" }, { messages: [MESSAGE] }]);
  made.add(PHOTO);
  made.add(new File(["?"], "b.pdf"));
  await vi.waitFor(() => expect(made.list.map((one) => one.refused?.error)).toEqual(["trouble", "kind"]));
  const [first, second] = made.list.map((one) => one.id);
  made.drop(second!);
  made.again(first!);
  await vi.waitFor(() => expect(arrived).toHaveBeenCalledTimes(1));
  expect(made.list).toEqual([]);
});

test("what arrives after somebody else signed in is not shown to them", async () => {
  let answer: (answer: Answer) => void = () => {};
  const { made, arrived, sent } = uploads([new Promise((resolve) => (answer = resolve))]);
  made.add(PHOTO);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  made.clear();
  answer({ messages: [MESSAGE] });
  await new Promise((resolve) => setTimeout(resolve));
  expect(arrived).not.toHaveBeenCalled();
});

test.each([
  [{ name: "a.jpg", size: 1 }, null],
  [{ name: "IMG.HEIC", size: 10 * 1024 * 1024 }, null],
  [{ name: "a.jpg", size: 10 * 1024 * 1024 + 1 }, "fileTooLarge"],
  [{ name: "a.exe", size: 1 }, "fileKind"],
  [{ name: "pdf", size: 1 }, "fileKind"],
])("%j is refused before it is sent: %s", (file, fault) => {
  expect(faultOf(file)).toBe(fault);
});

test("sizes are written as the language writes them", () => {
  expect(sizeOf(10, "en")).toBe("1 kB");
  expect(sizeOf(1_500_000, "en")).toBe("1.4 MB");
  expect(sizeOf(1_500_000, "ru").replace(/\s/g, " ")).toBe("1,4 МБ");
});

test("each refusal has its words", () => {
  const texts = textsIn("en");
  expect(refusal({ error: "too_large" }, texts)).toBe(texts.fileTooLarge);
  expect(refusal({ error: "token_refused" }, texts)).toBe(texts.signedOut);
  expect(refusal({ error: "rate", wait: 61 }, texts)).toContain("in 2 min");
  expect(refusal({ error: "trouble" }, texts)).toBe(texts.fileFailed);
});
