/** A picture that the person gave, by way of a blob: its bytes come from the runtime or from the file itself. */
import { useEffect, useState } from "react";
import { jamey } from "../api";
import type { Attachment } from "../generated/bindings";
import { Icon } from "../parts/icons";
import { useText } from "../text";

/** What a webview may be given as a picture; anything else stays a file. */
export const SHOWABLE = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);

export type Source = { file: File } | { session: string; attachment: Attachment };

async function blobOf(source: Source): Promise<Blob> {
  if ("file" in source) return source.file;
  const { attachment } = source;
  return new Blob([await jamey().attachmentBytes(source.session, attachment.id)], { type: attachment.mediaType });
}

/** An address for the bytes, for as long as it is shown; null when they could not be had. */
export function useBlob(source: Source): string | null | undefined {
  const [url, setUrl] = useState<string | null>();
  const key = "file" in source ? source.file : source.attachment.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says which bytes are meant
  useEffect(() => {
    let made: string | undefined;
    let isOver = false;
    blobOf(source).then(
      (blob) => {
        if (isOver) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => {
        if (!isOver) setUrl(null);
      },
    );
    return () => {
      isOver = true;
      if (made) URL.revokeObjectURL(made);
      setUrl(undefined);
    };
  }, [key]);
  return url;
}

export function Picture({ source, name, className }: { source: Source; name: string; className: string }) {
  const t = useText();
  const url = useBlob(source);
  const [isBroken, setBroken] = useState(false);
  if (url === null || isBroken) {
    return (
      <span className={`${className} broken`} role="img" aria-label={t.attach.notShown(name)}>
        <Icon name="image" />
      </span>
    );
  }
  if (!url) return <span className={className} />;
  return <img className={className} src={url} alt={name} draggable={false} onError={() => setBroken(true)} />;
}
