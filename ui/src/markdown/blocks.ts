/**
 * Cuts Markdown into its top-level blocks. While a text grows only its last block can still change, so everything
 * before it is kept as it is: by identity, for whoever remembers what was drawn from it.
 */
import type { Root, RootContent } from "mdast";
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
};

export type Blocks = { text: string; blocks: readonly Block[]; definitions: ReadonlyMap<string, string> };

export const EMPTY: Blocks = { text: "", blocks: [], definitions: new Map() };

export function cut(text: string, before: Blocks = EMPTY, isOpen = false): Blocks {
  if (text === before.text && !before.blocks.at(-1)?.isOpen === !isOpen) return before;
  const isGrown = text.length >= before.text.length && text.startsWith(before.text);
  const kept = isGrown ? before.blocks.slice(0, firm(before)) : [];
  const last = isGrown ? before.blocks[kept.length] : undefined;
  const from = last?.at ?? 0;
  const within = last?.within ?? 0;
  const rest = text.slice(from);
  let definitions = kept.length > 0 ? before.definitions : new Map<string, string>();
  for (const segment of segments(rest, within)) {
    for (const block of blocksOf(rest, segment, from)) {
      if (block.node.type === "definition") {
        definitions = new Map(definitions).set(block.node.identifier.toLowerCase(), block.node.url);
      }
      kept.push(block);
    }
  }
  if (isOpen && kept.length > 0) kept[kept.length - 1] = { ...kept[kept.length - 1]!, isOpen };
  return { text, blocks: kept, definitions };
}

/**
 * How many blocks no growth can change: all but the last, and but one more if that may take the last one in. A line
 * that directly follows another, as `#` or `$$` does, may still turn out to go on with it.
 */
function firm({ text, blocks }: Blocks): number {
  const last = blocks.at(-1);
  const before = blocks.at(-2);
  if (!last) return 0;
  const isJoined =
    before !== undefined &&
    before.node.type !== "code" &&
    last.within === 0 &&
    !text.includes("\n", last.at) &&
    !/\n[ \t]*\n/.test(text.slice(before.at + before.source.length, last.at));
  return blocks.length - (isJoined ? 2 : 1);
}

function blocksOf(text: string, segment: Segment, offset: number): Block[] {
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
      },
    ];
  }
  if (segment.kind === "plain") {
    const node: RootContent = { type: "paragraph", children: [{ type: "text", value: source }] };
    return [{ at, source, node, isOpen: false, within: segment.within }];
  }
  const tree: Root = parse(source);
  return tree.children.map((node, place) => {
    const start = node.position?.start.offset ?? 0;
    const end = node.position?.end.offset ?? source.length;
    const within = place === 0 ? segment.within : 0;
    return { at: at + start, source: source.slice(start, end), node, isOpen: false, within };
  });
}
