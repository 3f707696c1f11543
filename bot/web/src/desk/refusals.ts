// Why the server would not do something, in a sentence.

import { fill } from "../texts";
import type { Refusal } from "./protocol";
import type { Words } from "./words";

export function refusalIn(words: Words, { error, wait, by }: Refusal): string {
  if (error === "taken" && !by) return words.takenBySomebody;
  return fill(words[error] ?? words.trouble, { by: by ?? "", wait: Math.ceil(wait ?? 1) });
}
