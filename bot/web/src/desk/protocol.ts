// What the desk and its server tell each other. Times are seconds since the epoch.

import type { Language } from "../texts";
import type { Question, Reply } from "../thread";

export type Role = "agent" | "lead";
export type Channel = "web" | "telegram" | "rest";

export interface Handover {
  id: number;
  state: "waiting" | "taken" | "closed";
  channel: Channel;
  pushed: boolean; // false: the customer sees a reply when they write next
  language: Language;
  requested: number;
  taken: number | null;
  closed: number | null;
  agent: string | null;
  customer: string | null; // shown name; null for a visitor
  question: string; // the customer's last words
  ticket: string | null;
  ended: "handed_back" | "closed" | null;
  asked: string | null; // id of the customer's last message, in a conversation that somebody has
}

export interface Colleague {
  name: string;
  role: Role;
  away: boolean;
  taken: number;
}

export interface Queue {
  me: { name: string; role: Role; away: boolean };
  hours: { open: boolean; text: string; opens: number | null };
  agents: Colleague[];
  waiting: Handover[]; // oldest first
  mine: Handover[];
  others: Handover[]; // for leads
}

export interface Customer {
  id: string;
  name: string;
  language: Language;
  form: "formal" | "informal";
  city: string;
  level: string;
  telegram: boolean;
  facts: string[];
}

export type Delivery = "waiting" | "sent" | "unsure" | "failed";
/** The id of an agent's reply ends with the key that it was sent under. */
export type Said = (Question & { file?: { name: string } | null }) | (Reply & { delivery?: Delivery | null });

export interface Note {
  id: number;
  author: string;
  text: string;
  time: number;
}

export interface Opened {
  handover: Handover;
  summary: string; // lines "Title: text", in the page's language
  customer: Customer | null;
  thread: Said[];
  notes: Note[];
}

export interface Suggestion {
  text: string;
  title: string;
  url: string;
}

export interface Rated {
  conversation: string;
  reply: string;
  reason: string;
  text: string; // of the reply
  given: number;
}

export type Code =
  | "signed_out"
  | "not_found"
  | "forbidden"
  | "taken"
  | "not_taken"
  | "closed"
  | "unreadable"
  | "too_long"
  | "rate"
  | "busy"
  | "trouble";

export interface Refusal {
  ok?: undefined;
  error: Code;
  wait?: number; // seconds
  by?: string; // who has the conversation
}

export type Answer<Data = object> = ({ ok: true } & Data) | Refusal;
