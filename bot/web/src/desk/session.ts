// Signing in and out, by the server's pages; the cookie is out of any script's reach.

export type SignIn = { ok: true } | { error: "wrong_password" | "unreadable" | "rate" | "offline"; wait?: number };

export async function signIn(name: string, password: string): Promise<SignIn> {
  try {
    const answer = await fetch("/desk/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name, password }),
    });
    return answer.ok ? { ok: true } : ((await answer.json()) as SignIn);
  } catch {
    return { error: "offline" };
  }
}

export async function signOut(): Promise<void> {
  await fetch("/desk/sign-out", { method: "POST" });
}
