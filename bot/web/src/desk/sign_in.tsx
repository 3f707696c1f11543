// Who works here says so: a name, which the customers see, and the desk's password.

import { useEffect, useRef, useState } from "preact/hooks";
import { fill } from "../texts";
import type { Desk } from "./desk";
import type { SignIn } from "./session";
import type { Words } from "./words";

const LONGEST_NAME = 40;

export function SignInPage({ desk, words }: { desk: Desk; words: Words }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useCountdown();
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || wait) return;
    setBusy(true);
    setProblem("");
    const answer = await desk.signIn(name.trim(), password);
    setBusy(false);
    if ("ok" in answer) return;
    setProblem(problemIn(words, answer));
    setWait(answer.error === "rate" ? Math.ceil(answer.wait ?? 1) : 0);
    (answer.error === "unreadable" ? first : second).current?.focus();
  };
  return (
    <main class="alone">
      <form class="sign-in" onSubmit={submit}>
        <h1>{words.signInTitle}</h1>
        <label>
          {words.name}
          <input
            ref={first}
            name="name"
            autocomplete="username"
            required
            maxLength={LONGEST_NAME}
            value={name}
            aria-describedby="name-hint"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p class="note" id="name-hint">
          {words.nameHint}
        </p>
        <label>
          {words.password}
          <input
            ref={second}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            aria-invalid={problem !== ""}
            aria-describedby="problem"
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <p class="bad" id="problem" role="alert">
          {problem}
        </p>
        <button class="main" aria-disabled={busy || wait > 0}>
          {wait ? `${words.signIn} (${wait})` : words.signIn}
        </button>
      </form>
    </main>
  );
}

function problemIn(words: Words, answer: Exclude<SignIn, { ok: true }>): string {
  if (answer.error === "rate") return fill(words.tooMany, { seconds: Math.ceil(answer.wait ?? 1) });
  if (answer.error === "unreadable") return words.nameWrong;
  return answer.error === "wrong_password" ? words.wrong_password : words.unreachable;
}

function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!left) return;
    const tick = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(tick);
  }, [left]);
  return [left, setLeft];
}
