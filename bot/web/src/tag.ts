// What the page says of the widget on its script tag.
//
//   data-token   address on the page's own site that answers {"token": "<JWT>" | null}
//   data-name    the shop's name in the widget's head
//   data-lang    ru or en; otherwise the page's language, then the browser's
//   data-theme   light or dark; otherwise what the browser prefers
//   data-greet   selector of a <script type="application/json"> with greeting rules

import type { Language } from "./texts";

export type Theme = "light" | "dark" | "auto";

export interface Rule {
  page?: string; // begins the path of the pages it is for, after the language: "/help"
  cart?: number; // at least so many things in the cart
  after: number; // seconds on the page
  ru: string;
  en: string;
}

export interface Tag {
  server: string; // origin of the assistant
  token: string | null;
  name: string;
  language: Language;
  theme: Theme;
  rules: Rule[];
}

export function readTag(script: HTMLScriptElement, page: Document): Tag {
  const data = script.dataset;
  return {
    server: new URL(script.src, page.baseURI).origin,
    token: data["token"] ? new URL(data["token"], page.baseURI).href : null,
    name: data["name"] ?? "",
    language: languageOf(data["lang"], page.documentElement.lang, navigator.language),
    theme: data["theme"] === "light" || data["theme"] === "dark" ? data["theme"] : "auto",
    rules: rulesOf(data["greet"] ? page.querySelector(data["greet"])?.textContent : null),
  };
}

/** The first of the wishes that is Russian or English; English otherwise. */
export function languageOf(...wishes: (string | undefined)[]): Language {
  for (const wish of wishes) {
    const code = wish?.slice(0, 2).toLowerCase();
    if (code === "ru" || code === "en") return code;
  }
  return "en";
}

function rulesOf(text: string | null | undefined): Rule[] {
  if (!text) return [];
  try {
    const rules: unknown = JSON.parse(text);
    return Array.isArray(rules) ? rules.filter((rule) => rule && rule.ru && rule.en && rule.after >= 0) : [];
  } catch {
    console.warn("Lichno: the greeting rules of data-greet are no JSON.");
    return [];
  }
}
