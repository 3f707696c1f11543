// Something with a view that changes, and those who look at it.

import { useEffect, useState } from "preact/hooks";

export class Observed<View> {
  private readonly listeners = new Set<(view: View) => void>();

  constructor(public view: View) {}

  subscribe(listener: (view: View) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  protected update(part: Partial<View>): void {
    this.view = { ...this.view, ...part };
    this.listeners.forEach((listener) => listener(this.view));
  }
}

export function useView<View>(observed: Observed<View>): View {
  const [view, setView] = useState(observed.view);
  useEffect(() => {
    setView(observed.view); // it may have changed before anybody looked
    return observed.subscribe(setView);
  }, [observed]);
  return view;
}
