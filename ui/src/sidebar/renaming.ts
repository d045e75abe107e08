/** The session whose name is being changed: in its row, or where none is shown in a dialog. */
import { rename } from "../state/sessions";
import { createStore } from "../state/store";
import { focusRow } from "./focus";

/** `back` leads to where it was asked for; else the focus goes to the row. */
export type Renaming = { id: string; back?: () => void };

export const renaming = createStore<Renaming | null>(null);

/** Ends it, with another name or none. */
export function renamed(before: string, name?: string): void {
  const now = renaming.get();
  if (!now) return;
  renaming.set(null);
  const wanted = name?.trim() ?? "";
  if (wanted !== "" && wanted !== before) void rename(now.id, wanted);
  if (now.back) now.back();
  else focusRow(now.id);
}
