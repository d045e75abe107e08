/** A passage of a search as it is read: without the signs of Markdown, and not from the middle of a word. */
import { clean } from "../parts/visible";

/** The rest of a word that was cut; in a script that puts no space between words there is none to look for. */
const REST = /^…[^\s[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,40}\s+/u;
/** What begins a line of a list, a heading or a quote. In one line with others it follows the end of a sentence. */
const SIGN = /(^…?|\n|[.:;!?…])\s*(?:[-*+]|#{1,6}|>)\s+/g;

/** Its parts; each second one is what was looked for. */
export function passage(snippet: string): string[] {
  return clean(snippet)
    .replace(REST, "…")
    .replace(/\*\*|__|`/g, "")
    .replace(SIGN, (_, before: string) => (before === "…" ? "…" : `${before} `))
    .trimStart()
    .split(/[[\]]/);
}
