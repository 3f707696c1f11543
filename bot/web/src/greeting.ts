// Which greeting a page earns. Only where the shop set rules, never once the customer has closed one.

import type { Rule } from "./tag";

export interface Visit {
  path: string;
  seconds: number;
  cart: number;
}

/** The first rule whose conditions all hold. */
export function greetingFor(rules: Rule[], visit: Visit): Rule | null {
  const path = visit.path.replace(/^\/(ru|en)(?=\/|$)/, "");
  return (
    rules.find(
      (rule) =>
        visit.seconds >= rule.after && visit.cart >= (rule.cart ?? 0) && (!rule.page || path.startsWith(rule.page)),
    ) ?? null
  );
}
