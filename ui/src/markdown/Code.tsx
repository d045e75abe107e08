/** A block of code: its language, copy, and wrapping or line numbers on request. Very long code is shown by its beginning. */
import type { ElementContent, Root } from "hast";
import { lazy, memo, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
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
  const [all, setAll] = useState(false);
  const [isDrawn, setDrawn] = useState(false);
  const isDiagram = props.language.toLowerCase() === "mermaid" && !props.isOpen;
  const isPicture = isDiagram && isDrawn;
  const { shown, hidden } = useMemo(() => firstLines(clean(props.code), all), [props.code, all]);
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
      {hidden > 0 && !isPicture && (
        <button type="button" className="code-more" onClick={() => setAll(true)}>
          {t.conversation.showAll(hidden + LINES_SHOWN)}
        </button>
      )}
    </figure>
  );
});

/** A number for each line, beside the code; they are not part of what is copied or read aloud. */
function Numbers({ of }: { of: string }) {
  const count = of.split("\n").length;
  return (
    <span className="code-numbers" aria-hidden="true">
      {Array.from({ length: count }, (_, at) => at + 1).join("\n")}
    </span>
  );
}

function firstLines(code: string, all: boolean): { shown: string; hidden: number } {
  const text = code.replace(/\n$/, "");
  let at = -1;
  for (let line = 0; line < LINES_SHOWN; line++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return { shown: text, hidden: 0 };
  }
  if (all) return { shown: text, hidden: 0 };
  let hidden = 0;
  for (let next = at; next >= 0; next = text.indexOf("\n", next + 1)) hidden++;
  return { shown: text.slice(0, at), hidden };
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
