/** The question that waits: whether it is out of sight, and the way to it. */
import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { SessionView } from "../session/view";
import type { Row } from "./rows";

/** So much of the page's edge counts as out of sight, in pixels. */
const EDGE = 40;

export function useQuestion(
  scroller: RefObject<HTMLElement | null>,
  list: RefObject<VirtualizerHandle | null>,
  rows: readonly Row[],
  { approvals }: SessionView,
  letGo: () => void,
) {
  const card = useRef<HTMLElement>(null);
  const [isAway, setAway] = useState(false);

  /** The rows of all that wait, which are there also where nobody looks. */
  const places = useMemo(() => {
    if (approvals.size === 0) return [];
    return rows.flatMap((row, at) => (row.kind === "item" && approvals.has(row.entry.item.id) ? [at] : []));
  }, [rows, approvals]);
  const [first] = places;
  const place = useRef(first);
  place.current = first;

  /** Goes onto the card of the first one. */
  const watch = useCallback(
    (element: HTMLElement | null) => {
      if (!element) return;
      card.current = element;
      const observer = new IntersectionObserver((all) => setAway(all.at(-1)?.isIntersecting === false), {
        root: scroller.current,
        rootMargin: `-${EDGE}px 0px`,
      });
      observer.observe(element);
      return () => {
        observer.disconnect();
        card.current = null;
        setAway(false);
      };
    },
    [scroller],
  );

  const show = useCallback((): boolean => {
    if (place.current === undefined || !card.current) return false;
    letGo();
    list.current?.scrollToIndex(place.current, { align: "center" });
    card.current.querySelector<HTMLElement>(".approval-text")?.focus({ preventScroll: true });
    return true;
  }, [list, letGo]);

  return { places, first, isAway, watch, show };
}
