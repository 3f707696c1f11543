// A reply's text: paragraphs, links, and marks of sources that lead to the passage.

import { Fragment, type ComponentChildren } from "preact";
import type { Citation } from "./thread";
import type { Texts } from "./texts";

const PARTS = /(https?:\/\/[^\s<>]+[^\s<>.,;:!?)»”"])|\[(\d{1,2})\]/g;

export function Text(props: { text: string; citations: Citation[]; texts: Pick<Texts, "sources"> }) {
  return (
    <>
      {props.text.split(/\n{2,}/).map((paragraph, n) => (
        <p key={n}>
          {paragraph.split("\n").map((line, row) => (
            <Fragment key={row}>
              {row > 0 && <br />}
              {marked(line, props.citations, props.texts)}
            </Fragment>
          ))}
        </p>
      ))}
    </>
  );
}

function marked(line: string, citations: Citation[], texts: Pick<Texts, "sources">): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of line.matchAll(PARTS)) {
    const citation = citations.find((one) => String(one.number) === match[2]);
    if (match[2] && !citation) continue;
    const before = line.slice(end, match.index);
    parts.push(citation ? before.trimEnd() : before);
    parts.push(citation ? <Mark citation={citation} texts={texts} /> : <a href={match[1]} rel="noopener">{match[1]}</a>);
    end = match.index + match[0].length;
  }
  return [...parts, line.slice(end)];
}

function Mark({ citation, texts }: { citation: Citation; texts: Pick<Texts, "sources"> }) {
  const label = `${texts.sources} ${citation.number}: ${citation.title}`;
  if (!isWeb(citation.url)) return <sup title={citation.title}>{citation.number}</sup>;
  return (
    <sup>
      <a href={citation.url} aria-label={label} title={citation.title}>
        {citation.number}
      </a>
    </sup>
  );
}

/** Addresses come from the company's articles; anything but a page is shown as text. */
export function isWeb(url: string): boolean {
  return /^(https?:\/\/|\/(?!\/))/.test(url);
}
