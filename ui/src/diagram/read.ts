/** Mermaid's text, as far as Jamey draws it; anything else stays the text that it is. */
import { type Flow, readFlow } from "./flow";
import { readSequence, type Sequence } from "./sequence";

/** More than this is no picture any more. */
const MOST = 200;
const LONGEST = 20_000;

export function readDiagram(source: string): Flow | Sequence | undefined {
  if (source.length > LONGEST) return undefined;
  const text = source.replace(/^---\n.*?\n---\n/s, "").replace(/%%\{.*?\}%%/gs, "");
  const isSequence = /^\s*(?:%%.*\n\s*)*sequenceDiagram\b/.test(text);
  const lines = text
    .split("\n")
    .flatMap((line) => (isSequence ? [line] : statements(line)))
    .map((line) => line.trim().replace(/;$/, ""))
    .filter((line) => line !== "" && !line.startsWith("%%"));
  const read = readFlow(lines) ?? readSequence(lines);
  if (!read) return undefined;
  const size = read.kind === "flow" ? read.nodes.size + read.edges.length : read.steps.length + read.parties.size;
  return size <= MOST * 2 ? read : undefined;
}

/** A semicolon ends a statement of a flowchart, but not one that stands in words. */
function statements(line: string): string[] {
  const found: string[] = [];
  let from = 0;
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at]!;
    if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if ("[({".includes(letter)) depth++;
    else if ("])}".includes(letter)) depth = Math.max(0, depth - 1);
    else if (letter === ";" && depth === 0) {
      found.push(line.slice(from, at));
      from = at + 1;
    }
  }
  return [...found, line.slice(from)];
}
