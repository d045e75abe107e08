/** Flowcharts as models write them: nodes of a few shapes, links with words, groups. What it cannot read it says. */
import { plain } from "./label";

export type Shape = "box" | "round" | "pill" | "circle" | "diamond" | "hexagon" | "cylinder";
export type FlowNode = { id: string; text: string; shape: Shape; group?: string };
export type FlowEdge = {
  from: string;
  to: string;
  text: string;
  line: "solid" | "dotted" | "thick" | "none";
  toArrow: boolean;
  fromArrow: boolean;
};
export type FlowGroup = { id: string; text: string; parent?: string };
export type Flow = {
  kind: "flow";
  direction: "TB" | "BT" | "LR" | "RL";
  nodes: Map<string, FlowNode>;
  edges: FlowEdge[];
  groups: Map<string, FlowGroup>;
};

const HEAD = /^(?:graph|flowchart)(?:-elk)?(?:\s+(TB|TD|BT|LR|RL))?\s*$/;
const SKIPPED = /^(?:%%|classDef\b|class\b|style\b|linkStyle\b|click\b|direction\b|accTitle\b|accDescr\b)/;
const GROUP = /^subgraph\s+(?:([\p{L}\p{N}_.-]+)\s*\[(.*)\]|(.+))$/u;
const ID = /^[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*/u;

/** Opening, closing and shape; longer ones first. */
const BRACKETS: readonly [string, string, Shape][] = [
  ["(((", ")))", "circle"],
  ["([", "])", "pill"],
  ["[[", "]]", "box"],
  ["[(", ")]", "cylinder"],
  ["((", "))", "circle"],
  ["{{", "}}", "hexagon"],
  ["[/", "/]", "box"],
  ["[\\", "\\]", "box"],
  ["[", "]", "box"],
  ["(", ")", "round"],
  ["{", "}", "diamond"],
  [">", "]", "box"],
];

const LINK = /^\s*(<)?(?:(-{2,}|={2,}|-\.+-)([>xo])(?=[\s|]|[^xo\s])|(-{3,}|={3,}|-\.+-|~{3,}))\s*(?:\|([^|]*)\|)?\s*/;
const LINK_WITH_WORDS = /^\s*(<)?(--|==|-\.)\s*([^\s\-=.>|~](?:[^|\n])*?)\s*(-{2,}|={2,}|\.+-)([>xo])?\s*/;

function lineOf(mark: string): FlowEdge["line"] {
  if (mark.includes("~")) return "none";
  if (mark.includes(".")) return "dotted";
  return mark.includes("=") ? "thick" : "solid";
}

/** Reads along one line. */
class Reader {
  constructor(public rest: string) {}

  take(what: RegExp): RegExpExecArray | undefined {
    const match = what.exec(this.rest);
    if (!match) return undefined;
    this.rest = this.rest.slice(match[0].length);
    return match;
  }

  /** A node with its shape, if that is given here. */
  node(): { id: string; text?: string; shape?: Shape } | undefined {
    const id = this.take(ID)?.[0];
    if (!id) return undefined;
    for (const [open, close, shape] of BRACKETS) {
      if (!this.rest.startsWith(open)) continue;
      const quoted = this.rest.slice(open.length).trimStart().startsWith('"');
      const from = quoted ? this.rest.indexOf('"', this.rest.indexOf('"') + 1) : open.length;
      const end = from < 0 ? -1 : this.rest.indexOf(close, from);
      if (end < 0) return undefined;
      const text = plain(this.rest.slice(open.length, end));
      this.rest = this.rest.slice(end + close.length);
      this.take(/^:::[\w-]+/);
      return { id, text: text || id, shape };
    }
    this.take(/^:::[\w-]+/);
    return { id };
  }

  link(): Omit<FlowEdge, "from" | "to"> | undefined {
    const match = this.take(LINK);
    if (match) {
      const mark = match[2] ?? match[4] ?? "";
      const text = plain(match[5] ?? "");
      return { text, line: lineOf(mark), fromArrow: match[1] !== undefined, toArrow: match[3] !== undefined };
    }
    const worded = this.take(LINK_WITH_WORDS);
    if (!worded) return undefined;
    const [, back, mark = "", text = "", , to] = worded;
    return { text: plain(text), line: lineOf(mark), fromArrow: back !== undefined, toArrow: to !== undefined };
  }
}

export function readFlow(lines: readonly string[]): Flow | undefined {
  const head = HEAD.exec(lines[0] ?? "");
  if (!head) return undefined;
  const direction = (head[1] === "TD" ? "TB" : (head[1] ?? "TB")) as Flow["direction"];
  const flow: Flow = { kind: "flow", direction, nodes: new Map(), edges: [], groups: new Map() };
  const inside: string[] = [];
  for (const line of lines.slice(1)) {
    if (SKIPPED.test(line)) continue;
    const group = GROUP.exec(line);
    if (group) {
      const text = plain(group[2] ?? group[3] ?? "");
      const id = group[1] ?? text;
      const parent = inside.at(-1);
      flow.groups.set(id, { id, text, ...(parent ? { parent } : {}) });
      inside.push(id);
    } else if (line === "end") {
      if (inside.pop() === undefined) return undefined;
    } else if (!statement(line, flow, inside.at(-1))) return undefined;
  }
  // A link to a group has no place to end.
  const isWhole = [...flow.groups.keys()].every((id) => !flow.nodes.has(id));
  return isWhole && flow.nodes.size > 0 ? flow : undefined;
}

/** `A & B --> C -- words --> D`; false when something in it is not understood. */
function statement(line: string, flow: Flow, group: string | undefined): boolean {
  const reader = new Reader(line);
  const some = (): string[] | undefined => {
    const ids: string[] = [];
    do {
      const node = reader.node();
      if (!node) return undefined;
      const before = flow.nodes.get(node.id);
      flow.nodes.set(node.id, {
        id: node.id,
        text: node.text ?? before?.text ?? node.id,
        shape: node.shape ?? before?.shape ?? "box",
        ...((before?.group ?? group) ? { group: before?.group ?? group } : {}),
      } as FlowNode);
      ids.push(node.id);
    } while (reader.take(/^\s*&\s*/));
    return ids;
  };
  let left = some();
  if (!left) return false;
  while (reader.rest.trim() !== "") {
    const link = reader.link();
    const right = link && some();
    if (!link || !right) return false;
    for (const from of left) for (const to of right) flow.edges.push({ from, to, ...link });
    left = right;
  }
  return true;
}
