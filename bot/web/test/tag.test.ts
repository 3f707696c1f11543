import { afterEach, describe, expect, it, vi } from "vitest";
import { greetingFor } from "../src/greeting";
import { languageOf, readTag, type Rule } from "../src/tag";
import { fill, textsIn } from "../src/texts";

const RULE: Rule = { after: 10, ru: "Вопрос?", en: "A question?" };

function script(data: Record<string, string> = {}): HTMLScriptElement {
  const element = document.createElement("script");
  element.setAttribute("src", "https://support.example/widget.js");
  Object.assign(element.dataset, data);
  return element;
}

afterEach(() => {
  document.body.innerHTML = "";
  document.documentElement.lang = "";
});

describe("the tag", () => {
  it("names the server by its own address and needs nothing else", () => {
    const tag = readTag(script(), document);
    expect(tag).toMatchObject({ server: "https://support.example", token: null, name: "", theme: "auto", rules: [] });
  });

  it("takes over what the page says", () => {
    document.body.innerHTML = `<script type="application/json" id="rules">[{"after": 5, "ru": "а", "en": "b"}]</script>`;
    const data = { token: "/token", name: "Shop", lang: "ru", theme: "dark", greet: "#rules" };
    expect(readTag(script(data), document)).toMatchObject({
      token: new URL("/token", document.baseURI).href,
      name: "Shop",
      language: "ru",
      theme: "dark",
      rules: [{ after: 5, ru: "а", en: "b" }],
    });
  });

  it.each(["not JSON", "{}", "[null, 7, {}]"])("has no rules where they are unreadable: %s", (text) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    document.body.innerHTML = `<script type="application/json" id="rules">${text}</script>`;
    expect(readTag(script({ greet: "#rules" }), document).rules).toEqual([]);
    warned.mockRestore();
  });
});

describe("the language", () => {
  it("is the first wish that there is, English otherwise", () => {
    expect(languageOf(undefined, "ru-RU", "en")).toBe("ru");
    expect(languageOf("en", "ru")).toBe("en");
    expect(languageOf("de", "", "fr-FR")).toBe("en");
  });

  it("has the same words in both, with the same places to fill", () => {
    const [ru, en] = [textsIn("ru"), textsIn("en")] as unknown as Record<string, string>[];
    expect(Object.keys(ru!)).toEqual(Object.keys(en!));
    const places = (text: string) => text.match(/\{\w+\}/g) ?? [];
    for (const key of Object.keys(ru!)) expect(places(ru![key]!)).toEqual(places(en![key]!));
  });

  it("fills in what it is given and leaves the rest", () => {
    expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  });
});

describe("the greeting", () => {
  const visit = { path: "/ru/help/delivery", seconds: 60, cart: 1 };

  it("comes after its time", () => {
    expect(greetingFor([RULE], { ...visit, seconds: 9 })).toBeNull();
    expect(greetingFor([RULE], { ...visit, seconds: 10 })).toBe(RULE);
  });

  it("comes on its pages, in either language", () => {
    const rule = { ...RULE, page: "/help" };
    expect(greetingFor([rule], visit)).toBe(rule);
    expect(greetingFor([rule], { ...visit, path: "/help" })).toBe(rule);
    expect(greetingFor([rule], { ...visit, path: "/ru/account" })).toBeNull();
  });

  it("comes when enough is in the cart", () => {
    const rule = { ...RULE, cart: 2 };
    expect(greetingFor([rule], visit)).toBeNull();
    expect(greetingFor([rule, RULE], visit)).toBe(RULE);
  });
});
