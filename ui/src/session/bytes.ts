/** Lengths and places in bytes of UTF-8, as deltas count them; strings here are UTF-16. */

/** How many bytes a text takes. A lone surrogate counts three, as its replacement does. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(at + 1))) {
      // Two units make four bytes.
      bytes += 2;
      at++;
    } else bytes += 2;
  }
  return bytes;
}

/** What is left after the first `bytes` bytes; undefined if that is inside a character or past the end. */
export function afterBytes(text: string, bytes: number): string | undefined {
  let seen = 0;
  let at = 0;
  while (seen < bytes && at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) seen += 1;
    else if (unit < 0x800) seen += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(at + 1))) {
      seen += 4;
      at++;
    } else seen += 3;
    at++;
  }
  return seen === bytes ? text.slice(at) : undefined;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
