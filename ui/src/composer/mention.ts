/** `@` and the beginning of a path: what is being named, and what stands there once a file is chosen. */
import type { FoundFile } from "../generated/bindings";

export type Mention = {
  /** Where the `@` stands. */
  from: number;
  /** The caret, where the words end. */
  to: number;
  words: string;
};

/** Longer than this it is no path that somebody types. */
const LONGEST = 200;

/** What is being named at the caret; an address such as `ada@example.org` names nothing. */
export function mentionAt(text: string, caret: number): Mention | undefined {
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  const match = /(?:^|[\s(["'“„«])@([^\s@`]*)$/.exec(before);
  if (!match) return undefined;
  const words = match[1] ?? "";
  return { from: caret - words.length - 1, to: caret, words };
}

/** The path as it stands in the message: one with spaces is marked as one. */
export function written({ path, isFolder }: FoundFile): string {
  const whole = isFolder && !/[/\\]$/.test(path) ? `${path}/` : path;
  return /[\s`]/.test(whole) ? `\`${whole.replaceAll("`", "")}\`` : whole;
}

/** The text with the chosen path in place of what was typed, and where the caret goes. */
export function chosen(text: string, mention: Mention, file: FoundFile): { text: string; caret: number } {
  const path = written(file);
  const rest = text.slice(mention.to);
  const space = /^[\s.,;:!?)]/.test(rest) ? "" : " ";
  return {
    text: text.slice(0, mention.from) + path + space + rest,
    caret: mention.from + path.length + 1,
  };
}
