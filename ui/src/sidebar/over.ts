/** In a narrow window the list lies over the page: it takes the focus, and gives it back when it goes. */
import { useLayoutEffect } from "react";

export function useOver(isOver: boolean): void {
  useLayoutEffect(() => {
    const list = document.querySelector(".sidebar");
    if (!isOver || !list) return;
    const at = document.activeElement as HTMLElement | null;
    // A name that is changed has it already.
    const isIn = list.contains(at);
    const here = list.querySelector<HTMLElement>("[aria-current]") ?? list.querySelector<HTMLElement>(".sidebar-new");
    if (!isIn) here?.focus();
    return () => {
      // The page that was chosen may take it.
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        const before = at?.isConnected && !isIn && at !== document.body ? at : undefined;
        (before ?? document.querySelector<HTMLElement>(".header-sidebar"))?.focus();
      });
    };
  }, [isOver]);
}
