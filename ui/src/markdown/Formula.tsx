/** A formula, set by KaTeX when all of it and KaTeX are here; until then, and when it is wrong, as it was written. */
import { useLayoutEffect, useRef, useState } from "react";
import { createStore, useStore } from "../state/store";
import { useText } from "../text";

type Setter = (source: string, into: HTMLElement, isBlock: boolean) => void;
const setter = createStore<Setter | undefined>(undefined);
let asked = false;

function wantSetter(): void {
  if (asked) return;
  asked = true;
  void import("./katex").then(
    (module) => setter.set(module.setFormula),
    () => {
      // The source stays readable.
    },
  );
}

export function Formula(props: { source: string; isBlock: boolean; isHalf: boolean }) {
  const { source, isBlock, isHalf } = props;
  const t = useText();
  const set = useStore(setter);
  const [failed, setFailed] = useState(false);
  const into = useRef<HTMLSpanElement>(null);
  // Before it is painted, so that it is not empty for a moment.
  useLayoutEffect(() => {
    wantSetter();
    if (!set || !into.current || isHalf) return;
    try {
      set(source, into.current, isBlock);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }, [set, source, isBlock, isHalf]);
  const isPlain = !set || failed || isHalf;
  return (
    <span
      className={isBlock ? "formula-block" : "formula"}
      role={isBlock ? "group" : undefined}
      aria-label={isBlock ? t.markdown.formula : undefined}
    >
      {isPlain && <code>{source}</code>}
      <span ref={into} hidden={isPlain} />
    </span>
  );
}
