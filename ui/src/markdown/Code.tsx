/** A block of code: its language, copy, and wrapping or line numbers on request. Very long code is shown by its beginning. */
import type { ElementContent, Root } from "hast";
import { lazy, memo, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { useBeginning } from "../parts/beginning";
import { CopyButton, IconButton } from "../parts/buttons";
import { clean } from "../parts/visible";
import { useStore } from "../state/store";
import { useText } from "../text";
import { highlighter, wantHighlighter } from "./highlight";

/** Fetched when somebody wants to see one. */
const Diagram = lazy(() => import("../diagram/Diagram"));

/** Longer code is not coloured: it would hold up the page. */
const LONGEST_COLOURED = 60_000;
/** While it grows it is coloured only if that is quick. */
const LONGEST_LIVE = 6000;
const LINES_SHOWN = 400;

export const Code = memo(function Code(props: { code: string; language: string; isOpen?: boolean }) {
  const t = useText();
  // Numbers stand beside lines, so lines that are numbered are not wrapped.
  const [how, setHow] = useState<"plain" | "wraps" | "numbered">("plain");
  const toggle = (wish: "wraps" | "numbered") => setHow(how === wish ? "plain" : wish);
  const [isDrawn, setDrawn] = useState(false);
  const isDiagram = props.language.toLowerCase() === "mermaid" && !props.isOpen;
  const isPicture = isDiagram && isDrawn;
  const whole = useMemo(() => clean(props.code).replace(/\n$/, ""), [props.code]);
  const count = useMemo(() => countLines(whole), [whole]);
  const { shown: lines, more } = useBeginning(count, LINES_SHOWN);
  const shown = useMemo(() => (lines < count ? firstLines(whole, lines) : whole), [whole, lines, count]);
  const text = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard
    <pre className={how} tabIndex={0}>
      {how === "numbered" && <Numbers of={shown} />}
      <code>
        <Coloured code={shown} language={props.language} isOpen={props.isOpen ?? false} />
      </code>
    </pre>
  );
  return (
    <figure className="code" aria-label={props.language || t.markdown.code}>
      <figcaption className="code-head">
        <span>{props.language || t.markdown.code}</span>
        {isDiagram && (
          <IconButton
            icon={isPicture ? "source" : "diagram"}
            label={isPicture ? t.markdown.source : t.markdown.draw}
            onClick={() => setDrawn(!isDrawn)}
          />
        )}
        {!isPicture && (
          <>
            <IconButton
              icon="numbers"
              label={t.markdown.numbers}
              aria-pressed={how === "numbered"}
              onClick={() => toggle("numbered")}
            />
            <IconButton
              icon="wrap"
              label={t.markdown.wrap}
              aria-pressed={how === "wraps"}
              onClick={() => toggle("wraps")}
            />
          </>
        )}
        <CopyButton text={() => props.code} label={t.markdown.copyCode} />
      </figcaption>
      {isPicture ? (
        <Suspense fallback={text}>
          <Diagram source={props.code} otherwise={text} />
        </Suspense>
      ) : (
        text
      )}
      {!isPicture && more}
    </figure>
  );
});

/** A number for each line, beside the code; they are not part of what is copied or read aloud. */
function Numbers({ of }: { of: string }) {
  const count = countLines(of);
  return (
    <span className="code-numbers" aria-hidden="true">
      {Array.from({ length: count }, (_, at) => at + 1).join("\n")}
    </span>
  );
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function firstLines(text: string, lines: number): string {
  let at = -1;
  for (let line = 0; line < lines; line++) at = text.indexOf("\n", at + 1);
  return text.slice(0, at);
}

export function Coloured(props: { code: string; language: string; isOpen?: boolean }) {
  const colour = useStore(highlighter);
  const longest = props.isOpen ? LONGEST_LIVE : LONGEST_COLOURED;
  const wanted = props.language !== "" && props.code.length <= longest;
  useEffect(() => {
    if (wanted) wantHighlighter();
  }, [wanted]);
  return useMemo(() => {
    const tree = wanted && colour ? colour(props.code, props.language) : undefined;
    return tree ? spans(tree) : props.code;
  }, [wanted, colour, props.code, props.language]);
}

function spans(tree: Root | ElementContent): ReactNode {
  if (tree.type === "text") return tree.value;
  if (!("children" in tree)) return null;
  const inside = tree.children.map((child, at) =>
    child.type === "text" ? (
      child.value
    ) : child.type === "element" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the tree is made anew as a whole
      <span key={at} className={(child.properties.className as string[] | undefined)?.join(" ")}>
        {spans(child)}
      </span>
    ) : null,
  );
  return inside;
}
