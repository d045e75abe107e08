/** What may go along with a message, decided before a byte is read. The runtime decides again. */
import type { Text } from "../text/en";
import { bytes } from "../text/units";

/** More files than this are a folder's worth. */
export const MOST_FILES = 20;
const MB = 1_000_000;
/** The runtime takes no larger file. */
export const MOST_BYTES = 20 * MB;
/** Models take no larger picture. */
export const MOST_PICTURE_BYTES = 5 * MB;
/** The runtime gives a model no more of a text. */
export const MOST_READ = 256 * 1024;
/** More reasons than this are counted. */
const REASONS = 3;

/** What is looked at: a file, or a folder that was dropped. */
export type Offered = { name: string; size: number; type: string; isFolder?: boolean };

/**
 * The name of a file as it may go on its way: other systems allow names that are none to the runtime, such as `a\\b.txt`
 * or one with a line break or half a letter in it.
 */
export const harmless = (name: string): string => name.replace(/[\p{Cc}\p{Cs}/\\]/gu, "_").trim() || "_";

export const isPicture = (type: string): boolean => type.startsWith("image/");

function wrongWith(one: Offered, t: Text): string | undefined {
  if (one.isFolder) return t.attach.folder(one.name);
  if (one.size === 0) return t.attach.empty(one.name);
  const most = isPicture(one.type) ? MOST_PICTURE_BYTES : MOST_BYTES;
  if (one.size <= most) return undefined;
  const say = isPicture(one.type) ? t.attach.largePicture : t.attach.large;
  return say(one.name, bytes(one.size), bytes(most));
}

/**
 * Tells which of the offered may be added to `held` that are there already, and what to say about the rest. Too many
 * are refused as a whole: twenty of two hundred would be nobody's choice.
 */
export function sift<T extends Offered>(offered: readonly T[], held: number, t: Text): { taken: T[]; said: string[] } {
  if (held + offered.length > MOST_FILES)
    return { taken: [], said: [t.attach.tooMany(offered.length, held, MOST_FILES)] };
  const taken: T[] = [];
  const said: string[] = [];
  for (const one of offered) {
    const wrong = wrongWith(one, t);
    if (wrong) said.push(wrong);
    else taken.push(one);
  }
  if (said.length > REASONS) said.splice(REASONS, said.length, t.attach.andMore(said.length - REASONS));
  return { taken, said };
}
