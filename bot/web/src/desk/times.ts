// Moments and spans, as people say them.

import { useEffect, useState } from "preact/hooks";
import { fill } from "../texts";
import type { Words } from "./words";

const TICK_MS = 15_000;

/** The time of day; of another day with its date. */
export function moment(time: number, words: Words, now: number): string {
  const at = new Date(time * 1000);
  const sameDay = at.toDateString() === new Date(now * 1000).toDateString();
  const day = sameDay ? {} : ({ day: "numeric", month: "short" } as const);
  return at.toLocaleString(words.locale, { ...day, hour: "2-digit", minute: "2-digit" });
}

export function span(seconds: number, words: Words): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return words.moments;
  if (minutes < 60) return fill(words.minutes, { minutes });
  return fill(words.hours, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** Seconds since the epoch, told anew a few times a minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now() / 1000), TICK_MS);
    return () => clearInterval(tick);
  }, []);
  return now;
}
