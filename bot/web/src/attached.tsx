// Files as they are shown: chosen and not yet sent, on their way, and in the thread.

import type { Chat } from "./chat";
import { refusal, sizeOf } from "./files";
import { Icon } from "./icons";
import type { Attached } from "./thread";
import { fill, type Language, type Texts } from "./texts";
import type { Upload } from "./uploads";

interface Words {
  texts: Texts;
  language: Language;
}

function Label({ name, size, language }: { name: string; size: number; language: Language }) {
  return (
    <>
      <Icon name="file" />
      <span class="name">{name}</span>
      <span class="size">{sizeOf(size, language)}</span>
    </>
  );
}

export function Staged({ files, remove, texts, language }: Words & { files: File[]; remove: (file: File) => void }) {
  if (!files.length) return null;
  return (
    <ul class="staged">
      {files.map((file, n) => (
        <li class="file" key={n}>
          <Label name={file.name} size={file.size} language={language} />
          <button
            type="button"
            class="tool"
            aria-label={fill(texts.removeFile, { name: file.name })}
            title={texts.remove}
            onClick={() => remove(file)}
          >
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Uploading({ upload, chat, texts, language }: Words & { upload: Upload; chat: Chat }) {
  const { file, refused, share } = upload;
  return (
    <li class="mine">
      <span class="hidden">{texts.you}:</span>
      <div class="bubble">
        <span class="file">
          <Label name={file.name} size={file.size} language={language} />
        </span>
        {!refused && <progress value={share} aria-label={fill(texts.uploading, { name: file.name })} />}
      </div>
      {refused && (
        <div class="state bad" role="alert">
          {refusal(refused, texts)}{" "}
          <button type="button" class="link" onClick={() => chat.uploads.again(upload.id)}>
            {texts.again}
          </button>{" "}
          <button type="button" class="link" onClick={() => chat.uploads.drop(upload.id)}>
            {texts.remove}
          </button>
        </div>
      )}
    </li>
  );
}

export function Sent({ file, chat, texts, language }: Words & { file: Attached; chat: Chat }) {
  return (
    <button
      type="button"
      class="file"
      aria-label={`${fill(texts.saveFile, { name: file.name })}, ${sizeOf(file.size, language)}`}
      title={texts.saveFileShort}
      onClick={() => void chat.saveFile(file)}
    >
      <Label name={file.name} size={file.size} language={language} />
    </button>
  );
}
