// What the server answers to the widget.

import type { Message, Turn } from "./thread";

export interface Session {
  ok?: true;
  error?: string;
  session: string;
  visitor: string | null;
  signed_in: boolean;
  history: Message[];
  turns: Turn[];
}

export interface Said {
  ok?: true;
  error?: string;
  wait?: number;
  to?: string;
}
