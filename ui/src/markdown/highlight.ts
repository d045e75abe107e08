/** Colours for code, fetched when there is code to colour. The result is a tree of plain objects, never HTML. */
import type { Root } from "hast";
import { createStore } from "../state/store";

export type Highlight = (code: string, language: string) => Root | undefined;

/** Absent until it is here. */
export const highlighter = createStore<Highlight | undefined>(undefined);
let asked = false;

export function wantHighlighter(): void {
  if (asked) return;
  asked = true;
  void import("./languages").then(
    (module) => highlighter.set(module.highlight),
    () => {
      // Plain code is readable too; the next window tries again.
    },
  );
}
