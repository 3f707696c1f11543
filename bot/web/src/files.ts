// Files that the customer attaches: what is taken, and the way to the server and back.

import type { Attached, Message } from "./thread";
import type { Texts } from "./texts";

export const KINDS = ".jpg,.jpeg,.png,.webp,.heic,.heif,.pdf";
export const MOST = 5; // at once
const LARGEST = 10 * 1024 * 1024; // bytes, as the server has it
const PATH = "/chat/files";

export interface Answer {
  messages?: Message[];
  error?: string; // the server's code, or "trouble" where there was no answer
  wait?: number; // seconds
}

/** What is wrong with a file before it is sent; the server looks at its content. */
export function faultOf(file: { name: string; size: number }): "fileKind" | "fileTooLarge" | null {
  const ending = file.name.slice(file.name.lastIndexOf(".")).toLowerCase();
  if (!KINDS.split(",").includes(ending)) return "fileKind";
  return file.size > LARGEST ? "fileTooLarge" : null;
}

/** 1.2 MB, as the language writes it. */
export function sizeOf(bytes: number, language: string): string {
  const kilobytes = Math.max(1, Math.round(bytes / 1024));
  const [amount, unit] = kilobytes < 1000 ? [kilobytes, "kilobyte"] : [bytes / 1024 / 1024, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(amount);
}

/** Why a file was not taken, in words. */
export function refusal(answer: Answer, texts: Texts): string {
  if (answer.error === "too_large") return texts.fileTooLarge;
  if (answer.error === "kind") return texts.fileKind;
  if (answer.error === "sign_in") return texts.fileSignIn;
  if (answer.error?.startsWith("token")) return texts.signedOut;
  if (answer.error === "rate") return texts.fileTooMany.replace("{minutes}", String(Math.ceil((answer.wait ?? 60) / 60)));
  return texts.fileFailed;
}

/** Send a file as its customer; `progress` hears the share that has left. */
export function post(
  server: string,
  token: string | null,
  id: string,
  file: File,
  progress: (share: number) => void,
): Promise<Answer> {
  const request = new XMLHttpRequest(); // fetch tells no progress
  request.open("POST", server + PATH);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-Message-Id", id);
  request.setRequestHeader("X-File-Name", encodeURIComponent(ending(file.name)));
  if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.upload.onprogress = (event) => progress(event.loaded / event.total);
  return new Promise((resolve) => {
    request.onloadend = () => resolve(answerOf(request.status, request.responseText));
    request.send(file);
  });
}

/** A proxy answers with a page of its own where it refuses. */
function answerOf(status: number, text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return { error: status === 413 ? "too_large" : "trouble" };
  }
}

/** Let the customer save a file of theirs; false if it could not be had. */
export async function save(server: string, token: string | null, file: Attached): Promise<boolean> {
  try {
    const answer = await fetch(`${server}${PATH}/${file.id}`, { headers: { Authorization: `Bearer ${token}` } });
    if (!answer.ok) return false;
    saveAs(await answer.blob(), file.name);
    return true;
  } catch {
    return false;
  }
}

export function saveAs(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The name's last hundred characters, whole ones: half a character cannot be encoded. */
function ending(name: string): string {
  return [...name].slice(-100).join("");
}
