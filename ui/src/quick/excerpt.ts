/** A text that goes along with a question, and how much of it does. */
import type { Excerpt } from "../generated/bindings";
import type { Text } from "../text/en";
import { number } from "../text/units";

/** How much of a text is here, in words; nothing of one that is here whole. */
export function cut({ text, letters }: Excerpt, t: Text): string | undefined {
  const here = [...text].length;
  return here < letters ? t.quick.cut(number(here), number(letters)) : undefined;
}

/** The text as it stands before a question; where it was cut, both its reader and its writer can see it. */
export function quote(excerpt: Excerpt, t: Text): string {
  const lines = excerpt.text.split("\n").map((line) => `> ${line}`);
  const mark = cut(excerpt, t);
  return `${lines.join("\n")}\n\n${mark ? `[${mark}]\n\n` : ""}`;
}

/** The first words, on one line. */
export function beginning({ text }: Excerpt): string {
  const line = text.slice(0, 400).trim().replace(/\s+/g, " ");
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
