/** The session whose name is being changed: in its row, or where none is shown in a dialog. */
import { rename } from "../state/sessions";
import { createStore } from "../state/store";
import { focusRow } from "./focus";

/** `back` leads to where it was asked for; else the focus goes to the row. */
export type Renaming = { id: string; back?: () => void };

export const renaming = createStore<Renaming | null>(null);

/** Ends it, with another name or none, and leads back. */
export function renamed(before: string, name?: string): void {
  const now = end(before, name);
  if (!now) return;
  if (now.back) now.back();
  else focusRow(now.id);
}

/** Ends it where the person went elsewhere: the name holds, and the focus stays where they put it. */
export function leftName(before: string, name: string): void {
  end(before, name);
}

function end(before: string, name: string | undefined): Renaming | null {
  const now = renaming.get();
  if (!now) return null;
  renaming.set(null);
  const wanted = name?.trim() ?? "";
  if (wanted !== "" && wanted !== before) void rename(now.id, wanted);
  return now;
}
