// What reaches an agent who looks elsewhere: a number in the title and, if wanted, a notification. No sound.

import { useEffect } from "preact/hooks";
import { fill } from "../texts";
import type { Desk, View } from "./desk";
import { addressOf } from "./route";
import type { Words } from "./words";

export function useTitle(title: string, count: number): void {
  useEffect(() => {
    document.title = count ? `(${count}) ${title}` : title;
  }, [title, count]);
}

export function useArrivals(desk: Desk, view: View, words: Words): void {
  useEffect(() => {
    const look = () => desk.look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [desk]);
  useEffect(() => {
    const news = view.arrived;
    if (!news || document.visibilityState === "visible" || !mayNotify()) return;
    // Names stay off the screens of others: a notification may show on a locked one.
    const shown = new Notification(words.title, {
      body: fill(words.arrivedNotice, { channel: words[news.channel] }),
      tag: `lichno.${news.id}`,
      silent: true,
    });
    shown.onclick = () => {
      window.focus();
      location.hash = addressOf("queue", news.id);
      shown.close();
    };
  }, [view.arrived]);
}

export function mayNotify(): boolean {
  return "Notification" in window && Notification.permission === "granted";
}

export function mayAskToNotify(): boolean {
  return "Notification" in window && Notification.permission === "default";
}
