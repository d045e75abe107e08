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

/** Why a command would do nothing now; nothing where it does something. */
export type WhyNot = (name: Slash) => string | undefined;

/** The commands that a draft may mean and that would do something, while it is a slash and letters alone. */
export function slashFor(draft: string, t: Text, whyNot: WhyNot): { name: Slash; about: string }[] {
  const match = /^\/(\w*)$/.exec(draft);
  if (!match) return [];
  const wish = (match[1] ?? "").toLowerCase();
  const isMeant = (name: Slash) => name.startsWith(wish) || (wish.length > 2 && fits(t.slash[name], wish));
  return SLASH.filter((name) => isMeant(name) && whyNot(name) === undefined).map((name) => ({
    name,
    about: t.slash[name],
  }));
}

/** What is said of a draft that names a command in full, where that would do nothing. */
export function refusedSlash(draft: string, whyNot: WhyNot): string | undefined {
  const name = SLASH.find((one) => `/${one}` === draft.toLowerCase());
  const why = name && whyNot(name);
  return why && `/${name}: ${why}`;
}
