// Messages that are not yet answered survive a reload. One entry a message, so that tabs do not undo each other's work.

import type { Draft } from "./thread";

const PREFIX = "lichno.outbox.";
const KEPT_SECONDS = 24 * 3600;

export class Outbox {
  constructor(
    private readonly store: Storage,
    private readonly now: () => number = () => Date.now() / 1000,
  ) {}

  load(conversation: string): Draft[] {
    const drafts = this.keys(conversation).map((key) => this.read(key));
    return drafts.filter((draft): draft is Draft => draft !== null).sort((a, b) => a.time - b.time);
  }

  keep(conversation: string, draft: Draft): void {
    try {
      this.store.setItem(`${PREFIX}${conversation}/${draft.id}`, JSON.stringify(draft));
    } catch {
      // Private browsing may have no room: the message then lives as long as the page.
    }
  }

  drop(conversation: string, id: string): void {
    this.store.removeItem(`${PREFIX}${conversation}/${id}`);
  }

  private keys(conversation: string): string[] {
    const all = Array.from({ length: this.store.length }, (_, n) => this.store.key(n) ?? "");
    return all.filter((key) => key.startsWith(`${PREFIX}${conversation}/`));
  }

  private read(key: string): Draft | null {
    try {
      const draft = JSON.parse(this.store.getItem(key) ?? "null");
      return typeof draft?.id === "string" && this.now() - draft.time < KEPT_SECONDS ? draft : null;
    } catch {
      return null; // somebody else wrote there
    }
  }
}
