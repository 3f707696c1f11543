// Which page of the desk is shown stands in the address, so that the browser's back button works.

import { useEffect, useState } from "preact/hooks";

export type Page = "queue" | "history" | "feedback";

export interface Route {
  page: Page;
  id: number | null; // the conversation
}

export function routeOf(hash: string): Route {
  const [, page, id] = /^#\/(?:(history|feedback)\/?)?(\d+)?$/.exec(hash) ?? [];
  return { page: (page as Page | undefined) ?? "queue", id: id && page !== "feedback" ? Number(id) : null };
}

export function addressOf(page: Page, id: number | null = null): string {
  return `#/${[page === "queue" ? "" : page, id ?? ""].filter(Boolean).join("/")}`;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return routeOf(hash);
}
