// The conversation as a text file of the customer's own.

import { saveAs } from "./files";
import type { Message } from "./thread";
import { fill, type Texts } from "./texts";

export function transcriptOf(messages: Message[], texts: Texts, locale?: string): string {
  return messages
    .map((message) => {
      const at = new Date(message.time * 1000).toLocaleString(locale, { dateStyle: "short", timeStyle: "short" });
      const sources =
        message.from !== "customer"
          ? message.citations.map((one) => `\n[${one.number}] ${one.title}${one.url ? `: ${one.url}` : ""}`)
          : [];
      const said = message.from === "customer" && message.file ? `[${message.file.name}]` : message.text;
      return `${at}  ${speaker(message, texts)}:\n${said}${sources.join("")}\n`;
    })
    .join("\n");
}

/** Who says it, for the customer. */
export function speaker(message: Message, texts: Texts): string {
  if (message.from === "customer") return texts.you;
  return message.from === "person" ? fill(texts.agent, { name: message.agent ?? "" }) : texts.assistant;
}

export function saveTranscript(messages: Message[], texts: Texts): void {
  const file = new Blob([transcriptOf(messages, texts)], { type: "text/plain;charset=utf-8" });
  saveAs(file, `chat-${new Date().toISOString().slice(0, 10)}.txt`);
}
