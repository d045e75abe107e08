/** A formula, set by KaTeX when it is here; until then, and when it is wrong, as it was written. */
import { useEffect, useRef, useState } from "react";
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

export function Formula({ source, isBlock }: { source: string; isBlock: boolean }) {
  const t = useText();
  const set = useStore(setter);
  const [failed, setFailed] = useState(false);
  const into = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    wantSetter();
    if (!set || !into.current) return;
    try {
      set(source, into.current, isBlock);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }, [set, source, isBlock]);
  const isPlain = !set || failed;
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
