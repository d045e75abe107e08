/**
 * Cuts a text before the parser sees it: code that is fenced at the edge of the page is read by lines, and a stretch
 * that would only serve to stop a parser (a line of a megabyte, a thousand open brackets) is left as it is written.
 */
export type Segment =
  | { kind: "markdown"; from: number; to: number }
  | { kind: "plain"; from: number; to: number }
  | { kind: "code"; from: number; to: number; language: string; value: string; isClosed: boolean };

/** A person reads no paragraph that is longer. */
const LONGEST_STRETCH = 16_000;
const MOST_BRACKETS = 400;
const MOST_TICKS = 400;

const FENCE = /^(`{3,}|~{3,})([^\n]*)$/;

export function segments(text: string): Segment[] {
  const found: Segment[] = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const fence = isFenceStart(text, at) ? FENCE.exec(text.slice(at, end)) : null;
    if (!fence || (fence[1]!.startsWith("`") && fence[2]!.includes("`"))) {
      at = end + 1;
      continue;
    }
    if (at > from) stretches(text, from, at, found);
    const code = codeFrom(text, at, end, fence[1]!, fence[2]!.trim());
    found.push(code);
    from = code.to;
    at = code.to;
  }
  if (from < text.length) stretches(text, from, text.length, found);
  return found;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function isFenceStart(text: string, at: number): boolean {
  return text.startsWith("```", at) || text.startsWith("~~~", at);
}

function codeFrom(text: string, from: number, firstEnd: number, fence: string, words: string): Segment {
  const language = words.split(/\s/)[0] ?? "";
  const begin = Math.min(text.length, firstEnd + 1);
  let at = begin;
  while (at < text.length) {
    const end = lineEnd(text, at);
    if (isClose(text, at, end, fence)) {
      const value = text.slice(begin, Math.max(begin, at - 1));
      return { kind: "code", from, to: Math.min(text.length, end + 1), language, value, isClosed: true };
    }
    at = end + 1;
  }
  return { kind: "code", from, to: text.length, language, value: text.slice(begin), isClosed: false };
}

function isClose(text: string, at: number, end: number, fence: string): boolean {
  let start = at;
  while (start < at + 3 && text[start] === " ") start++;
  if (!text.startsWith(fence, start)) return false;
  return text.slice(start, end).trimEnd().replaceAll(fence[0]!, "") === "";
}

/** Text between fences, what is too much for a parser taken out. */
function stretches(text: string, from: number, to: number, found: Segment[]): void {
  let begin = from;
  let at = from;
  while (at < to) {
    const blank = text.indexOf("\n\n", at);
    const end = blank < 0 || blank + 2 > to ? to : blank + 2;
    if (isTooMuch(text.slice(at, end))) {
      if (at > begin) found.push({ kind: "markdown", from: begin, to: at });
      found.push({ kind: "plain", from: at, to: end });
      begin = end;
    }
    at = end;
  }
  if (begin < to) found.push({ kind: "markdown", from: begin, to });
}

function isTooMuch(stretch: string): boolean {
  if (stretch.length > LONGEST_STRETCH) {
    // Many short lines are a list or a table; few long ones are for no reader.
    return stretch.length / (stretch.split("\n").length + 1) > 400;
  }
  if (stretch.length < MOST_BRACKETS) return false;
  return count(stretch, /\[/g) > MOST_BRACKETS || count(stretch, /`+/g) > MOST_TICKS;
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
