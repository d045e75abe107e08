/** Sessions that are taken away at once, and really deleted when the time to think again is over. */
import { asError, jamey } from "../api";
import { forget } from "../attach/pile";
import type { Session } from "../generated/bindings";
import { KEYS } from "../palette/keys";
import { focusRow, isInList } from "../sidebar/focus";
import { besides } from "../sidebar/order";
import { text } from "../text";
import { forgetDraft } from "./drafts";
import { go, place } from "./place";
import { prefs, setPrefs } from "./prefs";
import { hide, show, titleOf } from "./sessions";
import { hush, say, sayError } from "./toasts";

const UNDO_MS = 10_000;

type Gone = { session: Session; wasHere: boolean };

/** Those that can still come back, the last one last. */
let gone: Gone[] = [];
let toast: number | undefined;

export const canUndo = (): boolean => gone.length > 0;

/** Takes a session away. Those that went shortly before it can come back as long as this one can. */
export function remove(session: Session): void {
  const now = place.get();
  const wasHere = now.name === "session" && now.id === session.id;
  if (wasHere) {
    const next = besides(session.id);
    go(next ? { name: "session", id: next.id } : { name: "new" });
  }
  hide(session.id);
  gone.push({ session, wasHere });
  tell();
}

/** Brings the last one back. */
export function undo(): void {
  const last = gone.pop();
  if (!last) return;
  bring([last]);
  tell();
}

function undoAll(): void {
  const all = gone;
  gone = [];
  bring(all);
  tell();
}

function bring(all: readonly Gone[]): void {
  const isList = isInList();
  for (const { session } of all) show(session);
  const here = all.find((one) => one.wasHere);
  if (here) go({ name: "session", id: here.session.id });
  const last = all.at(-1);
  if (last && isList) focusRow(last.session.id);
}

function tell(): void {
  const before = toast;
  toast = undefined;
  if (before !== undefined) hush(before);
  const last = gone.at(-1);
  if (!last) return;
  const t = text();
  const mine = say(
    {
      text: gone.length === 1 ? t.sidebar.deleted(titleOf(last.session)) : t.sidebar.deletedSeveral(gone.length),
      action: { label: t.app.undo, keys: KEYS.undo.shown, run: undoAll },
      // Only the end of its own time decides, not that another one took its place.
      gone: () => toast === mine && finish(),
    },
    UNDO_MS,
  );
  toast = mine;
}

/** Deletes what nobody can bring back any more. */
export function finish(): void {
  const all = gone;
  gone = [];
  for (const { session } of all) {
    jamey()
      .deleteSession(session.id)
      .then(() => {
        forgetDraft(session.id);
        const { pinned } = prefs.get();
        if (pinned.includes(session.id)) setPrefs({ pinned: pinned.filter((id) => id !== session.id) });
        return forget(session.id);
      })
      .catch((thrown) => {
        show(session);
        sayError(text().sidebar.delete, asError(thrown));
      });
  }
}

/** A window that closes ends the time to think again. */
export function beginDeleting(): void {
  addEventListener("pagehide", finish);
}
