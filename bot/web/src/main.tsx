// The tag's script: one element at the end of the page, everything else inside its shadow root.

import { render } from "preact";
import { App } from "./app";
import { Chat } from "./chat";
import shared from "./style.css?inline";
import { readTag } from "./tag";
import own from "./widget.css?inline";

const script = document.currentScript as HTMLScriptElement | null;
if (script && !document.querySelector("lichno-chat")) mount(script);

function mount(script: HTMLScriptElement): void {
  const tag = readTag(script, document);
  const host = document.createElement("lichno-chat");
  host.lang = tag.language;
  if (tag.theme !== "auto") host.dataset["theme"] = tag.theme;
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheetOf(own), sheetOf(shared)];
  const show = () => {
    document.body.append(host);
    render(<App chat={new Chat(tag, localStorage)} tag={tag} />, root);
  };
  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);
}

/** A constructed style sheet: a strict policy has nothing against it, unlike a <style> element. */
function sheetOf(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
