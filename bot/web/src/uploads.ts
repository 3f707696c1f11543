// Files on their way, one after the other. They live as long as the page: a browser does not keep them for us.

import { post, type Answer } from "./files";
import type { Message } from "./thread";

export interface Upload {
  id: string; // of the message that it becomes
  file: File;
  share: number; // of it that has left, 0 to 1
  refused: Answer | null;
}

export class Uploads {
  list: Upload[] = [];
  private busy = false;

  constructor(
    private readonly server: string,
    private readonly prove: (anew: boolean) => Promise<string | null>, // the customer's token
    private readonly changed: (list: Upload[]) => void,
    private readonly arrived: (id: string, messages: Message[]) => void,
    private readonly send: typeof post = post,
  ) {}

  add(file: File): void {
    this.set([...this.list, { id: crypto.randomUUID(), file, share: 0, refused: null }]);
    void this.work();
  }

  again(id: string): void {
    this.change(id, { refused: null, share: 0 });
    void this.work();
  }

  drop(id: string): void {
    this.set(this.list.filter((upload) => upload.id !== id));
  }

  clear(): void {
    this.set([]);
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let next = this.next(); next; next = this.next()) await this.sendOne(next);
    this.busy = false;
  }

  private next(): Upload | undefined {
    return this.list.find((upload) => !upload.refused);
  }

  private async sendOne(upload: Upload): Promise<void> {
    const attempt = async (anew: boolean) =>
      this.send(this.server, await this.prove(anew), upload.id, upload.file, (share) => this.change(upload.id, { share }));
    let answer = await attempt(false);
    if (answer.error === "token_expired") answer = await attempt(true);
    if (!this.list.some((one) => one.id === upload.id)) return; // meanwhile somebody else signed in
    if (!answer.messages) return this.change(upload.id, { refused: answer });
    this.arrived(upload.id, answer.messages);
    this.drop(upload.id);
  }

  private change(id: string, part: Partial<Upload>): void {
    this.set(this.list.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
  }

  private set(list: Upload[]): void {
    this.list = list;
    this.changed(list);
  }
}
