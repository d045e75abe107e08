/**
 * How far a growing text is drawn at once. What came during a pause would take as long as the pause was, and earn the
 * next one: many small steps instead.
 */

/** In letters: about a line. No model is as fast as that many with each frame. */
const STEP = 64;
/** Whoever falls behind takes larger steps: this share of what is waiting. */
const SHARE = 4;

/** What is drawn first of an open text: one that has hardly begun grows from nothing; of any other, all that is there. */
export function beginning(text: string): string {
  return text.length < 4 * STEP ? "" : text;
}

/** The text up to where it is drawn now; the whole where it does not go on from what is shown. */
export function further(shown: string, text: string): string {
  const waiting = text.length - shown.length;
  const step = Math.max(STEP, Math.ceil(waiting / SHARE));
  if (waiting <= step || !text.startsWith(shown)) return text;
  const to = shown.length + step;
  // Not between the halves of a letter.
  return text.slice(0, /[\ud800-\udbff]/.test(text[to - 1]!) ? to - 1 : to);
}
