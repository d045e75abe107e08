/** Sessions that wait for the person and whose rows are in sight. */
import { type RefObject, useEffect } from "react";
import { createStore } from "../state/store";

export const inSight = createStore<ReadonlySet<string>>(new Set());

function note(id: string, isSeen: boolean): void {
  inSight.update((now) => {
    if (now.has(id) === isSeen) return now;
    const next = new Set(now);
    if (isSeen) next.add(id);
    else next.delete(id);
    return next;
  });
}

/** Notes whether a row is in sight, as long as its session waits. */
export function useSight(row: RefObject<HTMLElement | null>, id: string, waits: boolean): void {
  useEffect(() => {
    const element = row.current;
    if (!waits || !element) return;
    // Until it is known: what comes and goes at once would only flicker.
    note(id, true);
    // Several notes may come at once, the oldest first.
    const observer = new IntersectionObserver((all) => note(id, all.at(-1)?.isIntersecting === true), {
      threshold: 0.5,
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      note(id, false);
    };
  }, [row, id, waits]);
}
