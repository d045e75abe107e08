/** How tall the prompt is. */
import { type RefObject, useEffect } from "react";
import { jamey } from "../api";

/** What the children of a page want together. The conversation takes what is left; what is in it says what it wants. */
function wanted(page: HTMLElement, inside: HTMLElement | null): number {
  let sum = 0;
  for (const child of page.children as HTMLCollectionOf<HTMLElement>) {
    const { position, marginBottom } = getComputedStyle(child);
    if (position === "fixed" || position === "absolute") continue;
    const outside = child.offsetHeight + Number.parseFloat(marginBottom);
    sum += child.contains(inside) ? outside - child.clientHeight + (inside?.offsetHeight ?? 0) : outside;
  }
  return Math.ceil(sum);
}

/** Tells the shell how tall the page wants to be. */
export function useHeight(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const page = box.current;
    if (!page) return;
    const inside = () => page.querySelector<HTMLElement>(".scroller > div");
    let last = 0;
    const tell = () => {
      const height = wanted(page, inside());
      if (Math.abs(height - last) < 2) return;
      last = height;
      jamey()
        .resizeQuick(height)
        .catch(() => {});
    };
    const observer = new ResizeObserver(tell);
    const watch = () => {
      for (const child of page.children) observer.observe(child);
      const grown = inside();
      if (grown) observer.observe(grown);
      tell();
    };
    const mutation = new MutationObserver(watch);
    mutation.observe(page, { childList: true });
    watch();
    return () => {
      observer.disconnect();
      mutation.disconnect();
    };
  }, [box]);
}
