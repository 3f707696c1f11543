// Who the customer is and what is known, and the colleagues' notes.

import { Icon } from "../icons";
import type { Desk, View } from "./desk";
import type { Customer, Note } from "./protocol";
import type { Conversation } from "./state";
import { moment, useNow } from "./times";
import type { Words } from "./words";

const LONGEST_NOTE = 2000; // characters, as the server allows

interface CustomerPaneProps {
  desk: Desk;
  view: View;
  conversation: Conversation;
  words: Words;
}

export function CustomerPane({ desk, view, conversation, words }: CustomerPaneProps) {
  const { customer, handover } = conversation;
  return (
    <aside aria-label={words.about}>
      <h3>{words.customer}</h3>
      {customer ? <Known customer={customer} words={words} /> : <Unknown words={words} />}
      <h3>
        {words.notes} <span class="note">{words.notesHint}</span>
      </h3>
      <Notes notes={conversation.notes} words={words} />
      <NoteForm desk={desk} view={view} id={handover.id} words={words} />
      {customer && customer.facts.length > 0 && <h3>{words.facts}</h3>}
      <ul class="facts">
        {customer?.facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </aside>
  );
}

function Known({ customer, words }: { customer: Customer; words: Words }) {
  const lines = [
    [words.number, customer.id],
    [words.city, customer.city],
    [words.level, customer.level],
    [words.speaks, words[customer.language]],
    [words.form, words[customer.form]],
  ] as const;
  return (
    <>
      <p class="mark proven">
        <Icon name="shield" /> {words.proven}
      </p>
      {customer.telegram && (
        <p class="mark">
          <Icon name="send" /> {words.bound}
        </p>
      )}
      <dl>
        {lines
          .filter(([, text]) => text)
          .map(([title, text]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}

function Unknown({ words }: { words: Words }) {
  return (
    <>
      <p class="mark">
        <Icon name="person" /> {words.notProven}
      </p>
      <p class="note">{words.notProvenNote}</p>
    </>
  );
}

function Notes({ notes, words }: { notes: Note[]; words: Words }) {
  const now = useNow();
  if (!notes.length) return <p class="note">{words.notesNone}</p>;
  return (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note.id}>
          <p class="who">
            {note.author} <time>{moment(note.time, words, now)}</time>
          </p>
          <p class="wrapped">{note.text}</p>
        </li>
      ))}
    </ul>
  );
}

function NoteForm({ desk, view, id, words }: { desk: Desk; view: View; id: number; words: Words }) {
  const text = view.drafts.note;
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim()) void desk.note(id, text.trim());
  };
  return (
    <form class="note-form" onSubmit={submit}>
      <label>
        {words.note}
        <textarea
          rows={2}
          maxLength={LONGEST_NOTE}
          value={text}
          onInput={(event) => desk.write(id, "note", event.currentTarget.value)}
        />
      </label>
      <button class="plain" aria-disabled={!text.trim() || view.status !== "online"}>
        {words.noteAdd}
      </button>
    </form>
  );
}
