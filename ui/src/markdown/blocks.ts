/**
 * Cuts Markdown into its top-level blocks. While a text grows only its last block can still change, so everything
 * before it is kept as it is: by identity, for whoever remembers what was drawn from it.
 */
import type { RootContent } from "mdast";
import { differs, type Known, NOTHING, withThose } from "./known";
import { parse } from "./parse";
import { type Segment, segments } from "./segments";

export type Block = {
  /** Where it begins in the text; stable while the text grows. */
  at: number;
  source: string;
  node: RootContent;
  /** It may still grow. */
  isOpen: boolean;
  /** How much of its paragraph stands in the blocks before it; 0 for what begins here. */
  within: number;
  /** What its references could lead to when it was read. */
  known: Known;
};

export type Blocks = { text: string; blocks: readonly Block[] };

export const EMPTY: Blocks = { text: "", blocks: [] };

/** While a text grows, references to what is not defined yet are as they are written; they are read again at its end. */
export function cut(text: string, before: Blocks = EMPTY, isOpen = false): Blocks {
  if (text === before.text && !before.blocks.at(-1)?.isOpen === !isOpen) return before;
  const isGrown = text.length >= before.text.length && text.startsWith(before.text);
  const kept = isGrown ? before.blocks.slice(0, firm(before)) : [];
  const last = isGrown ? before.blocks[kept.length] : undefined;
  const within = last?.within ?? 0;
  const from = within > 0 ? last!.at : indented(text, last?.at ?? 0);
  const rest = text.slice(from);
  let known = withThose(NOTHING, kept.map(nodeOf));
  for (const segment of segments(rest, within)) {
    const fresh = blocksOf(rest, segment, from, known);
    known = fresh.at(-1)?.known ?? known;
    kept.push(...fresh);
  }
  if (!isOpen) return { text, blocks: kept.map((block) => readAgain(block, known)) };
  if (kept.length > 0) kept[kept.length - 1] = { ...kept[kept.length - 1]!, isOpen };
  return { text, blocks: kept };
}

/** Where the line of a block begins: how far a list is indented decides what is in it. */
function indented(text: string, at: number): number {
  let from = at;
  while (text[from - 1] === " " || text[from - 1] === "\t") from--;
  return from;
}

const nodeOf = ({ node }: Block) => node;

/** What is in a block, or in what it is completed to; as far indented as it stands in its text. */
export function parsePart({ node, known }: Block, source: string): RootContent[] {
  return parse(" ".repeat((node.position?.start.column ?? 1) - 1) + source, known).children;
}

/** A block whose references lead elsewhere by what came after it. */
function readAgain(block: Block, known: Known): Block {
  if (!block.node.position || !differs(block.source, block.known, known)) return block;
  const [node, ...more] = parsePart({ ...block, known }, block.source);
  return node && more.length === 0 ? { ...block, node, known } : block;
}

/**
 * How many blocks no growth can change: all but the last, and but one more if that may take the last one in. A line
 * that directly follows another, as `#` or `$$` does, may still turn out to go on with it; words behind a formula end
 * with its line, which is seen from its beginning alone.
 */
function firm({ text, blocks }: Blocks): number {
  const last = blocks.at(-1);
  if (!last) return 0;
  /** What is between a block and the one before it. */
  const gap = (at: number) => text.slice(blocks[at - 1]!.at + blocks[at - 1]!.source.length, blocks[at]!.at);
  let count = blocks.length - 1;
  const isOneLine = last.within === 0 && !/\n[ \t]*\S/.test(text.slice(last.at));
  if (count > 0 && isOneLine && blocks[count - 1]!.node.type !== "code" && !/\n[ \t]*\n/.test(gap(count))) count--;
  while (count > 0 && blocks[count]!.within === 0 && !gap(count).includes("\n")) count--;
  return count;
}

function blocksOf(text: string, segment: Segment, offset: number, before: Known): Block[] {
  const source = text.slice(segment.from, segment.to);
  const at = offset + segment.from;
  if (segment.kind === "code") {
    return [
      {
        at,
        source,
        node: { type: "code", lang: segment.language || null, value: segment.value },
        isOpen: false,
        within: 0,
        known: before,
      },
    ];
  }
  if (segment.kind === "plain") {
    const node: RootContent = { type: "paragraph", children: [{ type: "text", value: source }] };
    return [{ at, source, node, isOpen: false, within: segment.within, known: before }];
  }
  const { children } = parse(source, before);
  const known = withThose(before, children);
  return children.map((node, place) => {
    const start = node.position?.start.offset ?? 0;
    const end = node.position?.end.offset ?? source.length;
    const within = place === 0 ? segment.within : 0;
    return { at: at + start, source: source.slice(start, end), node, isOpen: false, within, known };
  });
}
