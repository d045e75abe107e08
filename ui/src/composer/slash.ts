/** Commands that begin with a slash; whatever is no command is sent as it is. */
import { fits } from "../parts/listbox";
import type { Text } from "../text/en";

export const SLASH = [
  "new",
  "model",
  "mode",
  "rename",
  "stop",
  "compact",
  "copy",
  "retry",
  "settings",
  "monitor",
  "usage",
  "help",
] as const;
export type Slash = (typeof SLASH)[number];

/** The commands that a draft may mean, while it is a slash and letters alone. */
export function slashFor(draft: string, t: Text): { name: Slash; about: string }[] {
  const match = /^\/(\w*)$/.exec(draft);
  if (!match) return [];
  const wish = match[1] ?? "";
  return SLASH.filter(
    (name) => name.startsWith(wish.toLowerCase()) || (wish.length > 2 && fits(t.slash[name], wish)),
  ).map((name) => ({ name, about: t.slash[name] }));
}
