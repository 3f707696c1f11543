// The conversation as a text file of the customer's own.

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
      return `${at}  ${speaker(message, texts)}:\n${message.text}${sources.join("")}\n`;
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
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `chat-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
