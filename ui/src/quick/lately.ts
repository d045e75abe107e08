/**
 * Which session the prompt goes on with, also when its page was taken away and made anew meanwhile. After a rest the
 * next question begins another; the one before is in the list.
 */

/** So long nobody looked at the prompt: what is asked next has to do with something else. */
export const REST_MS = 10 * 60_000;
const KEY = "jamey.quick.session";

type Lately = { session: string; at: number };

/** What a full or missing storage did not take. */
let last: Lately | undefined;

/** This session is used now; none means that the next question begins another. */
export function note(session: string | undefined): void {
  last = session === undefined ? undefined : { session, at: Date.now() };
  try {
    if (last) localStorage.setItem(KEY, JSON.stringify(last));
    else localStorage.removeItem(KEY);
  } catch {
    // It holds for this page.
  }
}

/** The session that was used last, unless that is too long ago. */
export function lately(): string | undefined {
  const { session, at } = last ?? kept() ?? {};
  const isFresh = at !== undefined && Math.abs(Date.now() - at) < REST_MS;
  return isFresh ? session : undefined;
}

function kept(): Lately | undefined {
  try {
    const read = JSON.parse(localStorage.getItem(KEY) ?? "null") as Partial<Lately> | null;
    return typeof read?.session === "string" && typeof read.at === "number" ? (read as Lately) : undefined;
  } catch {
    return undefined;
  }
}
