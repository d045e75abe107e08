/** Mermaid's text, as far as Jamey draws it; anything else stays the text that it is. */
import { type Flow, readFlow } from "./flow";
import { readSequence, type Sequence } from "./sequence";

/** More than this is no picture any more. */
const MOST = 200;
const LONGEST = 20_000;

export function readDiagram(source: string): Flow | Sequence | undefined {
  if (source.length > LONGEST) return undefined;
  const lines = source
    .replace(/^---\n.*?\n---\n/s, "")
    .replace(/%%\{.*?\}%%/gs, "")
    // A semicolon ends a statement, but not one that stands in words.
    .split(/\n|;(?=\s*(?:\n|$|[\p{L}\p{N}_]+\s*(?:[-=[({<&]|$)))/u)
    .map((line) => line.trim().replace(/;$/, ""))
    .filter((line) => line !== "" && !line.startsWith("%%"));
  const read = readFlow(lines) ?? readSequence(lines);
  if (!read) return undefined;
  const size = read.kind === "flow" ? read.nodes.size + read.edges.length : read.steps.length + read.parties.size;
  return size <= MOST * 2 ? read : undefined;
}
