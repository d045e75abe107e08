/** Markdown, drawn block by block; a block that did not change is not drawn again. */
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { useText } from "../text";
import type { Text } from "../text/en";
import { type Block, type Blocks, cut, EMPTY, parsePart } from "./blocks";
import { closeOpen } from "./close";
import { type Drawing, draw } from "./Nodes";
import { beginning, further } from "./pace";

export const Markdown = memo(function Markdown({ text, isOpen = false }: { text: string; isOpen?: boolean }) {
  const shown = usePaced(text, isOpen);
  return <Drawn text={shown} isOpen={isOpen || shown !== text} />;
});

/** The whole of it now. */
export function Drawn({ text, isOpen }: { text: string; isOpen: boolean }) {
  const t = useText();
  const last = useRef<Blocks>(EMPTY);
  const blocks = useMemo(() => {
    last.current = cut(text, last.current, isOpen);
    return last.current;
  }, [text, isOpen]);
  return (
    <div className="markdown">
      {blocks.blocks.map((block) => (
        <One key={block.at} block={block} text={t} />
      ))}
    </div>
  );
}

/** While it grows, drawing takes at most a fifth of the time. */
const SHARE = 5;
/** What takes less is not worth a pause. */
const QUICK_MS = 6;
/** How soon what is still waiting is drawn. */
const FRAME_MS = 16;

/** What was there at the beginning is drawn at once; what grew goes on in steps also when it ends. */
function usePaced(text: string, isOpen: boolean): string {
  const pace = useRef({ shown: isOpen ? beginning(text) : text, at: 0, cost: 0 });
  const [, again] = useState(0);
  const now = performance.now();
  const wait = pace.current.at + pace.current.cost * (SHARE - 1) - now;
  const isDue = wait <= 0;
  if (isDue) pace.current.shown = further(pace.current.shown, text);
  useEffect(() => {
    if (isDue) {
      // From its beginning to here it was read and drawn.
      const done = performance.now();
      pace.current.at = done;
      pace.current.cost = done - now > QUICK_MS ? done - now : 0;
    }
    if (pace.current.shown === text) return;
    const timer = setTimeout(() => again((n) => n + 1), Math.max(wait, FRAME_MS));
    return () => clearTimeout(timer);
  });
  return pace.current.shown;
}

const One = memo(
  function One({ block, text }: { block: Block; text: Text }) {
    const drawn = drawBlock(block, { links: block.known.links, text, isOpen: block.isOpen });
    return block.within > 0 ? <div className="joined">{drawn}</div> : drawn;
  },
  (before, after) =>
    before.block.source === after.block.source &&
    before.block.isOpen === after.block.isOpen &&
    before.block.known === after.block.known &&
    before.text === after.text,
);

function drawBlock(block: Block, how: Drawing) {
  const { type } = block.node;
  if (!block.isOpen || type === "code" || type === "formula") return draw(block.node, how, 0);
  const closed = closeOpen(block.source);
  if (closed === block.source) return draw(block.node, how, 0);
  return parsePart(block, closed).map((node, at) => draw(node, how, at));
}
