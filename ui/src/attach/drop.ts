/** Files that are dropped anywhere on the window, or pasted into the message. */
import { useEffect, useState } from "react";
import { harmless, type Offered } from "./check";

/** What was dropped; a folder has no bytes to give. */
export type Dropped = Offered & { file?: File };

export const asOffered = (file: File): Dropped => ({
  name: harmless(file.name),
  size: file.size,
  type: file.type,
  file,
});

export function offeredBy(data: DataTransfer): Dropped[] {
  const found: Dropped[] = [];
  for (const item of data.items) {
    if (item.kind !== "file") continue;
    const file = item.getAsFile();
    const entry = item.webkitGetAsEntry?.();
    if (entry?.isDirectory) found.push({ name: harmless(entry.name), size: 0, type: "", isFolder: true });
    else if (file) found.push(asOffered(file));
  }
  // Some webviews fill the one and not the other.
  return found.length > 0 ? found : [...data.files].map(asOffered);
}

/** Pasted files; words that come with a picture of themselves are words. */
export function pastedIn(data: DataTransfer): Dropped[] {
  return data.getData("text/plain").trim() !== "" ? [] : offeredBy(data);
}

/** Takes files that are dropped on the window; tells while some are held over it. */
export function useDrop(dropped: (files: Dropped[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      // The webview would open the file in place of the window.
      event.preventDefault();
      setOver(false);
      dropped(offeredBy(event.dataTransfer));
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [dropped]);
  return isOver;
}
