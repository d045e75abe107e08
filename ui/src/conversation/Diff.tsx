/** Two texts, side by side in one column: lines that went and came, the words that differ marked. */
import { type Change, diffLines, diffWordsWithSpace } from "diff";
import { useMemo } from "react";
import { useBeginning } from "../parts/beginning";
import { visible } from "../parts/visible";

type Part = { text: string; marked: boolean };
type Line = { sign: " " | "+" | "-"; parts: Part[] };

/** Longer texts are compared by lines alone. */
const LONGEST = 20_000;
/** So long two texts may be compared; what is left then is shown as whole lines. Unlike lines take the longest. */
const PATIENCE_MS = 200;
/** Lines without a change that are kept around one. */
const AROUND = 3;
/** So many are drawn before somebody asks for the rest. */
const LINES_SHOWN = 400;

function split(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function whole(sign: Line["sign"], text: string): Line[] {
  return split(text).map((line) => ({ sign, parts: [{ text: line, marked: false }] }));
}

/** The words of one side, cut into its lines. */
function side(changes: Change[], sign: "+" | "-"): Line[] {
  const lines: Line[] = [{ sign, parts: [] }];
  for (const change of changes) {
    if (sign === "+" ? change.removed : change.added) continue;
    const marked = sign === "+" ? change.added : change.removed;
    change.value.split("\n").forEach((text, at) => {
      if (at > 0) lines.push({ sign, parts: [] });
      if (text) lines.at(-1)?.parts.push({ text, marked });
    });
  }
  if (lines.at(-1)?.parts.length === 0) lines.pop();
  return lines;
}

export function linesOf(before: string, after: string): Line[] {
  const end = Date.now() + PATIENCE_MS;
  const left = () => ({ timeout: Math.max(0, end - Date.now()) });
  const changes = diffLines(before, after, left()) ?? [
    { value: before, removed: true, added: false, count: 0 },
    { value: after, added: true, removed: false, count: 0 },
  ];
  const lines: Line[] = [];
  for (let at = 0; at < changes.length; at++) {
    const change = changes[at]!;
    const next = changes[at + 1];
    const isPair = change.removed && next?.added && change.value.length + next.value.length < LONGEST;
    const words = isPair ? diffWordsWithSpace(change.value, next.value, left()) : undefined;
    if (words) {
      lines.push(...side(words, "-"), ...side(words, "+"));
      at++;
    } else lines.push(...whole(change.added ? "+" : change.removed ? "-" : " ", change.value));
  }
  return lines;
}

/** Leaves out long stretches without a change. */
function folded(lines: Line[]): (Line | number)[] {
  const near = new Set<number>();
  lines.forEach((line, at) => {
    if (line.sign === " ") return;
    for (let by = -AROUND; by <= AROUND; by++) near.add(at + by);
  });
  const shown: (Line | number)[] = [];
  lines.forEach((line, at) => {
    if (near.has(at)) shown.push(line);
    else if (typeof shown.at(-1) === "number") shown[shown.length - 1] = (shown.at(-1) as number) + 1;
    else shown.push(1);
  });
  return shown;
}

export function Diff({ before, after }: { before: string; after: string }) {
  const lines = useMemo(() => folded(linesOf(before, after)), [before, after]);
  const all = lines.reduce<number>((sum, line) => sum + (typeof line === "number" ? line : 1), 0);
  const { shown, more } = useBeginning(lines.length, LINES_SHOWN, all);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <pre className="diff" tabIndex={0}>
        {lines.slice(0, shown).map((line, at) =>
          typeof line === "number" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <span key={at} className="diff-fold">{`⋯ ${line}`}</span>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <span key={at} className={`diff-line ${line.sign === "+" ? "added" : line.sign === "-" ? "removed" : ""}`}>
              <span className="diff-sign">{line.sign === "-" ? "−" : line.sign}</span>
              {line.parts.map((part, place) =>
                part.marked ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
                  <mark key={place}>{visible(part.text)}</mark>
                ) : (
                  visible(part.text)
                ),
              )}
              {"\n"}
            </span>
          ),
        )}
      </pre>
      {more}
    </>
  );
}
