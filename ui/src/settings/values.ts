/** One value of the configuration, by its dotted name; a change holds at once and says so. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Value } from "../generated/bindings";
import { config } from "../state/asked";
import { useStore } from "../state/store";
import { say } from "../state/toasts";
import { at, type Outcome, wish, wishes } from "../state/wishes";
import { text } from "../text";

/** Says what was not kept where its field is no longer shown. */
export function sayNotKept(outcome: Outcome): void {
  if (outcome.kind === "failed") say({ text: text().settings.notSaved, hint: outcome.message, isError: true }, 10_000);
}

/** A setting as it is wished for, though the runtime may be slow to keep it. */
export function useSetting(key: string) {
  const view = useStore(config.store).value;
  const wished = useStore(wishes)[key];
  const [outcome, setOutcome] = useState<Outcome>();
  const isHere = useRef(false);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  /** Makes another value of the one that is wished for now; tells whether the runtime took the last one. */
  const change = useCallback(
    (by: (now: Value | undefined) => Value): Promise<boolean> =>
      wish(key, by, (came) => (isHere.current ? setOutcome(came) : sayNotKept(came))),
    [key],
  );
  const set = useCallback((value: Value) => change(() => value), [change]);
  return { value: wished ?? at(view?.values, key), set, change, outcome };
}
