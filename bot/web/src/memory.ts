// A browser's storage that may refuse, as in private browsing: what it does not take lives as long as the page.

export class Memory {
  constructor(private readonly store: Storage) {}

  get(key: string): string | null {
    try {
      return this.store.getItem(key);
    } catch {
      return null;
    }
  }

  /** An empty value is forgotten. */
  set(key: string, value: string): void {
    try {
      if (value) this.store.setItem(key, value);
      else this.store.removeItem(key);
    } catch {
      // Nothing to be done.
    }
  }
}
