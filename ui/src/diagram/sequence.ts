/** Sequence diagrams as models write them: who, what they say to each other, notes, and blocks around them. */
import { plain } from "./label";

export type Party = { id: string; text: string };
export type Step =
  | { kind: "message"; from: string; to: string; text: string; isDotted: boolean; end: "arrow" | "cross" | "none" }
  | { kind: "note"; over: readonly string[]; text: string }
  /** A block begins, has another branch, or ends. */
  | { kind: "block"; text: string; depth: number; isEnd: boolean };
export type Sequence = { kind: "sequence"; parties: Map<string, Party>; steps: Step[] };

const PARTY = /^(?:create\s+)?(?:participant|actor)\s+(.+?)(?:\s+as\s+(.+))?$/;
const MESSAGE = /^(.+?)\s*(<<-->>|<<->>|-->>|->>|-->|->|--x|-x|--\)|-\))\s*([+-]?)\s*(.+?)\s*:\s*(.*)$/;
const NOTE = /^note\s+(?:left of|right of|over)\s+([^:]+):\s*(.*)$/i;
const BLOCK = /^(loop|alt|opt|par|critical|break|rect|box)\b\s*(.*)$/;
const BRANCH = /^(else|and|option)\b\s*(.*)$/;
const SKIPPED = /^(?:%%|autonumber\b|activate\b|deactivate\b|destroy\b|title\b|accTitle\b|accDescr\b|links?\b)/;

export function readSequence(lines: readonly string[]): Sequence | undefined {
  if (lines[0] !== "sequenceDiagram") return undefined;
  const all: Sequence = { kind: "sequence", parties: new Map(), steps: [] };
  const party = (written: string, text?: string): string => {
    const id = written.trim();
    const before = all.parties.get(id);
    if (!before || text) all.parties.set(id, { id, text: plain(text ?? before?.text ?? id) });
    return id;
  };
  let depth = 0;
  for (const line of lines.slice(1)) {
    if (SKIPPED.test(line)) continue;
    const named = PARTY.exec(line);
    const note = NOTE.exec(line);
    const block = BLOCK.exec(line);
    const branch = BRANCH.exec(line);
    if (named) party(named[1] ?? "", named[2]);
    else if (note) {
      const over = (note[1] ?? "").split(",").map((one) => party(one));
      all.steps.push({ kind: "note", over, text: plain(note[2] ?? "") });
    } else if (line === "end") {
      if (--depth < 0) return undefined;
      all.steps.push({ kind: "block", text: "", depth, isEnd: true });
    } else if (block) {
      // Colours and boxes say nothing in words.
      const isQuiet = block[1] === "rect" || block[1] === "box";
      all.steps.push({
        kind: "block",
        text: isQuiet ? "" : plain(`${block[1]} ${block[2]}`),
        depth: depth++,
        isEnd: false,
      });
    } else if (branch) {
      all.steps.push({
        kind: "block",
        text: plain(`${branch[1]} ${branch[2]}`),
        depth: Math.max(0, depth - 1),
        isEnd: false,
      });
    } else {
      const said = MESSAGE.exec(line);
      if (!said) return undefined;
      const [, from = "", mark = "", , to = "", text = ""] = said;
      all.steps.push({
        kind: "message",
        from: party(from),
        to: party(to),
        text: plain(text),
        isDotted: mark.includes("--"),
        end: mark.endsWith("x") ? "cross" : mark.endsWith(">>") || mark.endsWith(")") ? "arrow" : "none",
      });
    }
  }
  return all.parties.size > 0 && depth === 0 ? all : undefined;
}
