/**
 * Cuts a text before the parser sees it: code that is fenced at the edge of the page is read by lines, a paragraph
 * that is longer than a page is cut into pieces, so that its growth moves only the last one, and what would only
 * serve to stop a parser (a line of a megabyte, a thousand open brackets) is left as it is written.
 */
export type Segment =
  | { kind: "markdown"; from: number; to: number; within: number }
  | { kind: "plain"; from: number; to: number; within: number }
  | { kind: "code"; from: number; to: number; language: string; value: string; isClosed: boolean };

/** How much of one paragraph is read and drawn anew with each growth: a few milliseconds in a webview. */
const PIECE = 4_000;
/** A person reads no paragraph that is longer. */
const LONGEST_STRETCH = 16_000;
const MOST_BRACKETS = 400;
const MOST_TICKS = 400;

const FENCE = /^(`{3,}|~{3,})([^\n]*)$/;

/** `within`: how much of the first paragraph lies before `text`. Each piece says how much lies before it. */
export function segments(text: string, within = 0): Segment[] {
  const found: Segment[] = [];
  let before = within;
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const fence = isFenceStart(text, at) ? FENCE.exec(text.slice(at, end)) : null;
    if (!fence || (fence[1]!.startsWith("`") && fence[2]!.includes("`"))) {
      at = end + 1;
      continue;
    }
    if (at > from) stretches(text, from, at, before, found);
    before = 0;
    const code = codeFrom(text, at, end, fence[1]!, fence[2]!.trim());
    found.push(code);
    from = code.to;
    at = code.to;
  }
  if (from < text.length) stretches(text, from, text.length, before, found);
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

/** Text between fences, what is too much for a parser or for one layout taken out. */
function stretches(text: string, from: number, to: number, within: number, found: Segment[]): void {
  let begin = from;
  let at = from;
  let before = within;
  const parsed = (end: number) => {
    if (end > begin) found.push({ kind: "markdown", from: begin, to: end, within: 0 });
  };
  while (at < to) {
    const blank = text.indexOf("\n\n", at);
    const end = blank < 0 || blank + 2 > to ? to : blank + 2;
    // What was cut once is cut to its end.
    const isLong = before > 0 || isOneParagraph(text, at, end);
    if (isLong || hasTooManyMarks(text.slice(at, end))) {
      parsed(at);
      pieces(text, at, end, before, isLong, found);
      before = 0;
      begin = end;
    }
    at = end;
  }
  parsed(to);
}

/** A line that begins a list, a quote, a row or code: what follows belongs to it, so it is never taken apart. */
const MARKED = /^[ \t]*(?:[-*+][ \t]|[>|]|\d{1,9}[.)][ \t]|```|~~~)/m;

/** Many short lines are a list or a table; few long ones are a paragraph. */
function isOneParagraph(text: string, from: number, to: number): boolean {
  if (to - from <= PIECE) return false;
  const stretch = text.slice(from, to);
  return stretch.length / (count(stretch, /\n/g) + 2) > 400 && !MARKED.test(stretch);
}

/** One stretch, in pieces that do not move when it grows if it is long. */
function pieces(text: string, from: number, to: number, within: number, isLong: boolean, found: Segment[]): void {
  let at = from;
  while (at < to) {
    const before = within + at - from;
    const end = isLong && to - at > PIECE ? goodEnd(text, at) : to;
    const isPlain = before + end - at > LONGEST_STRETCH || hasTooManyMarks(text.slice(at, end));
    found.push({ kind: isPlain ? "plain" : "markdown", from: at, to: end, within: before });
    at = end;
  }
}

/** Behind the last sentence that fits, else the last word, else where it has to be. */
function goodEnd(text: string, at: number): number {
  const window = text.slice(at, at + PIECE);
  const sentence = window.lastIndexOf(". ") + 2;
  if (sentence > PIECE / 2) return at + sentence;
  const word = window.lastIndexOf(" ") + 1;
  if (word > PIECE / 2) return at + word;
  // Not between the halves of a letter.
  return at + (/[\ud800-\udbff]$/.test(window) ? PIECE - 1 : PIECE);
}

function hasTooManyMarks(stretch: string): boolean {
  if (stretch.length < MOST_BRACKETS) return false;
  return count(stretch, /\[/g) > MOST_BRACKETS || count(stretch, /`+/g) > MOST_TICKS;
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
