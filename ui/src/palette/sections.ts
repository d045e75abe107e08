/** Where an action stands in the palette: under what it is about, what is needed most often first. */
import type { Action } from "./actions";

const SESSION = [
  "stop",
  "model",
  "mode",
  "folder",
  "attach",
  "copy",
  "retry",
  "retry-with",
  "compact",
  "rename",
  "pin",
  "delete",
];
const GO = ["new", "search", "approval", "focus", "next", "previous", "monitor", "usage", "settings-general"];
const ORDER = [...SESSION, ...GO];

export function sectionOf({ id, section }: Action): "session" | "go" | "actions" | "settings" {
  if (SESSION.includes(id)) return "session";
  return GO.includes(id) ? "go" : (section ?? "actions");
}

/** In that order; the rest stays as it is, behind them. */
export function sorted(actions: readonly Action[]): Action[] {
  const place = ({ id }: Action) => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
  return actions.toSorted((a, b) => place(a) - place(b));
}
