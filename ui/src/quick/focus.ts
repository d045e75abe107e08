/** Where the keys go. */
import { type RefObject, useEffect } from "react";
import { isCovered } from "../parts/float";

/** Gives the focus back to the field when what had it was taken away, such as the buttons of a question that is answered. */
export function useFocusBack(box: RefObject<HTMLElement | null>, field: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (!box.current) return;
    const watch = new MutationObserver(() => {
      const { activeElement } = document;
      if ((activeElement === null || activeElement === document.body) && !isCovered()) field.current?.focus();
    });
    watch.observe(box.current, { childList: true, subtree: true });
    return () => watch.disconnect();
  }, [box, field]);
}
