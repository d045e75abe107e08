/** Files that are dropped on the window or pasted: the composer takes them, or the person is led to one. */
import { isCovered } from "../parts/float";
import { go } from "../state/place";
import { createStore } from "../state/store";
import { say } from "../state/toasts";
import { writingPlace } from "../state/writing";
import { text } from "../text";
import { harmless, type Offered } from "./check";

/** What was dropped; a folder has no bytes to give. */
export type Dropped = Offered & { file?: File };

export const asOffered = (file: File): Dropped => ({
  name: harmless(file.name),
  size: file.size,
  type: file.type,
  file,
});

function offeredBy(data: DataTransfer): Dropped[] {
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
function pastedIn(data: DataTransfer): Dropped[] {
  return data.getData("text/plain").trim() !== "" ? [] : offeredBy(data);
}

/** Whether files are held over the window. */
export const isOver = createStore(false);

type Take = (files: readonly Dropped[]) => void;
/** The composer on the page. */
let take: Take | null = null;
/** What was given on a page without one, for the one that the person is led to. */
let waiting: readonly Dropped[] = [];

export function setTaker(next: Take | null): void {
  take = next;
  if (!next || waiting.length === 0) return;
  const files = waiting;
  waiting = [];
  next(files);
}

function give(files: readonly Dropped[], isBusy: boolean): void {
  const { notHere, notHereHint } = text().attach;
  if (files.length === 0) return;
  if (take) take(files);
  // Leading away would end what the person is at.
  else if (isBusy) say({ text: notHere, hint: notHereHint });
  else {
    waiting = files;
    go(writingPlace());
  }
}

const isField = (target: EventTarget | null) => target instanceof Element && target.matches("input, textarea");

/** Takes files that are dropped on the window or pasted anywhere in it; none goes unheard. */
export function listenForFiles(): () => void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const over = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    isOver.set(true);
  };
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) isOver.set(false);
  };
  const drop = (event: DragEvent) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    // The webview would open the file in place of the window.
    event.preventDefault();
    isOver.set(false);
    give(offeredBy(event.dataTransfer), isCovered());
  };
  const paste = (event: ClipboardEvent) => {
    const files = event.clipboardData ? pastedIn(event.clipboardData) : [];
    if (files.length === 0) return;
    event.preventDefault();
    give(files, isCovered() || isField(event.target));
  };
  addEventListener("dragover", over);
  addEventListener("dragleave", leave);
  addEventListener("drop", drop);
  addEventListener("paste", paste);
  return () => {
    removeEventListener("dragover", over);
    removeEventListener("dragleave", leave);
    removeEventListener("drop", drop);
    removeEventListener("paste", paste);
  };
}
