// Files chosen for the next message: by the button, by pasting, by dropping them on the chat.

import { useState } from "preact/hooks";
import type { Chat } from "./chat";
import { faultOf, MOST } from "./files";

export interface Staging {
  files: File[];
  over: boolean; // something is held above the chat
  choose: (files: Iterable<File>) => void;
  remove: (file: File) => void;
  send: () => void;
  drag: {
    onDragOver: (event: DragEvent) => void;
    onDragLeave: () => void;
    onDrop: (event: DragEvent) => void;
  };
}

/** Only signed-in customers attach: a file belongs to somebody's request. */
export function useStaging(chat: Chat, visitor: boolean): Staging {
  const [files, setFiles] = useState<File[]>([]);
  const [over, setOver] = useState(false);
  const choose = (chosen: Iterable<File>) => {
    const all = [...chosen];
    if (!all.length) return;
    const fault = visitor ? "fileSignIn" : all.map(faultOf).find(Boolean);
    if (fault) return chat.notify({ text: fault });
    chat.notify(files.length + all.length > MOST ? { text: "filesTooMany", values: { count: MOST } } : null);
    setFiles([...files, ...all].slice(0, MOST));
  };
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  return {
    files,
    over,
    choose,
    remove: (file) => setFiles(files.filter((one) => one !== file)),
    send: () => {
      files.forEach((file) => chat.uploads.add(file));
      setFiles([]);
    },
    drag: {
      onDragOver: (event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault(); // or the browser would open the file
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(false);
        choose(event.dataTransfer?.files ?? []);
      },
    },
  };
}
