/**
 * Spells out characters that cannot be seen or that turn the direction of reading, so that what is approved is what
 * is read. The same rule as at the terminal.
 */
const NAMES: Record<number, string> = {
  0: "NUL",
  7: "BEL",
  8: "BS",
  11: "VT",
  12: "FF",
  13: "CR",
  27: "ESC",
  127: "DEL",
};

/** Held to the one table of both faces by a test: tests/fixtures/invisible.json. */
const HIDDEN =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: the joiner is meant by itself
  /[\u034f\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u00ad\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<${NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`}>`;
}

/** For approval: nothing stays hidden. */
export function visible(text: string): string {
  return text.replace(HIDDEN, spelled);
}

const CONTROLS = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const REORDERS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const withoutControls = (text: string) => text.replace(/\r\n?/g, "\n").replace(CONTROLS, "");

/** For reading: control characters go, those that reorder are spelled out. */
export function clean(text: string): string {
  return withoutControls(text).replace(REORDERS, spelled);
}

/**
 * For copying: what `clean` shows, without what it takes out or spells out. Copied into a terminal, that could do what
 * nobody has read. Letters that are read from right to left need none of it.
 */
export function plain(text: string): string {
  return withoutControls(text).replace(REORDERS, "");
}
