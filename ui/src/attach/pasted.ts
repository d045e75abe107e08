/** Text that is too long for the field: it goes along as a file, and can be put into the field after all. */
import { asOffered, type Dropped } from "./drop";
import type { Held } from "./pile";

/** So many letters are a document, and would be in the way of the question about it. */
const LONG = 100_000;
/** The runtime takes more; a person who types this much means a file. */
export const LONGEST = 1_000_000;
const NAME = "pasted";

export const isLong = (words: string): boolean => words.length >= LONG;

/** The words as a file, named apart from those that are there. */
export function asFile(words: string, held: readonly Held[]): Dropped {
  const isTaken = (name: string) => held.some((one) => one.name === name);
  let name = `${NAME}.txt`;
  for (let n = 2; isTaken(name); n++) name = `${NAME}-${n}.txt`;
  return asOffered(new File([words], name, { type: "text/plain" }));
}

/** Whether a file was made here of words. Its name says so, since that outlives the window. */
export const wasPasted = ({ name }: Held): boolean => /^pasted(-\d+)?\.txt$/.test(name);
