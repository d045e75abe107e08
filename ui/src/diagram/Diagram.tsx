/**
 * A diagram from the text of an answer, drawn with React's elements alone: no HTML is made from text, nothing in it can be
 * followed, run or fetched. What cannot be read says so, and its text stays.
 */
import { type ReactNode, useId, useMemo } from "react";
import { useText } from "../text";
import { FlowPicture, sizeOf } from "./FlowPicture";
import type { Flow } from "./flow";
import { readDiagram } from "./read";
import { planOf, SequencePicture } from "./SequencePicture";
import type { Sequence } from "./sequence";

/** As much as is read aloud in one go. */
const SPOKEN = 30;

/** The same in words: who leads to whom, or who says what. */
function inWords(read: Flow | Sequence): string {
  if (read.kind === "flow") {
    const name = (id: string) => read.nodes.get(id)?.text ?? id;
    const said = read.edges.map(({ from, to, text }) => `${name(from)} → ${name(to)}${text ? ` (${text})` : ""}`);
    return said.slice(0, SPOKEN).join("; ");
  }
  const name = (id: string) => read.parties.get(id)?.text ?? id;
  const said = read.steps.flatMap((step) =>
    step.kind === "message" ? [`${name(step.from)} → ${name(step.to)}: ${step.text}`] : [],
  );
  return said.slice(0, SPOKEN).join("; ");
}

export default function Diagram({ source, otherwise }: { source: string; otherwise: ReactNode }) {
  const t = useText();
  const id = useId();
  const drawn = useMemo(() => {
    const read = readDiagram(source);
    if (!read) return undefined;
    try {
      return read.kind === "flow" ? { read, size: sizeOf(read) } : { read, size: planOf(read), plan: planOf(read) };
    } catch {
      // Layouts of odd graphs may fail; the text says the same.
      return undefined;
    }
  }, [source]);
  if (!drawn) {
    return (
      <>
        <p className="diagram-none" role="status">
          {t.markdown.noDiagram}
        </p>
        {otherwise}
      </>
    );
  }
  const { read, size, plan } = drawn;
  const arrow = `${id}arrow`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard
    <div className="diagram" role="group" aria-label={t.markdown.diagram} tabIndex={0}>
      <svg
        width={size.width}
        height={size.height}
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={inWords(read) || t.markdown.diagram}
      >
        <defs>
          <marker
            id={arrow}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path className="diagram-tip" d="M0 1L9 5L0 9Z" />
          </marker>
        </defs>
        {read.kind === "flow" ? (
          <FlowPicture flow={read} arrow={arrow} />
        ) : (
          plan && <SequencePicture sequence={read} plan={plan} arrow={arrow} />
        )}
      </svg>
    </div>
  );
}
