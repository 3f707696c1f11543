// What the agent has begun to write, for each conversation. It lives no longer than the tab: it may be personal.

import { Memory } from "../memory";

const PREFIX = "lichno.desk.draft.";

export type Kind = "reply" | "note";

export class Drafts {
  private readonly written = new Map<string, string>(); // where the browser keeps nothing, the page does
  private readonly memory: Memory;

  constructor(store: Storage) {
    this.memory = new Memory(store);
  }

  of(handover: number, kind: Kind): string {
    const key = keyOf(handover, kind);
    return this.written.get(key) ?? this.memory.get(key) ?? "";
  }

  keep(handover: number, kind: Kind, text: string): void {
    const key = keyOf(handover, kind);
    this.written.set(key, text);
    this.memory.set(key, text);
  }

  forget(): void {
    this.written.clear();
  }
}

function keyOf(handover: number, kind: Kind): string {
  return `${PREFIX}${handover}.${kind}`;
}
