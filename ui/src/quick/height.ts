/** How tall the prompt is. */
import { type RefObject, useEffect } from "react";
import { jamey } from "../api";

/** Tells the shell how tall the page wants to be. */
export function useHeight(box: RefObject<HTMLElement | null>, hasAnswer: boolean): void {
  useEffect(() => {
    const page = box.current;
    if (!page) return;
    let last = 0;
    const tell = () => {
      const inside = page.querySelector<HTMLElement>(".scroller > div");
      const fixed = [...page.children]
        .filter((child) => !child.classList.contains("conversation") && getComputedStyle(child).position !== "fixed")
        .reduce((sum, child) => sum + (child as HTMLElement).offsetHeight, 0);
      const height = Math.ceil(fixed + (hasAnswer ? (inside?.offsetHeight ?? 0) : 0));
      if (Math.abs(height - last) < 2) return;
      last = height;
      jamey()
        .resizeQuick(height)
        .catch(() => {});
    };
    const observer = new ResizeObserver(tell);
    for (const child of page.children) observer.observe(child);
    const inside = page.querySelector(".scroller > div");
    if (inside) observer.observe(inside);
    const mutation = new MutationObserver(() => {
      for (const child of page.children) observer.observe(child);
      const grown = page.querySelector(".scroller > div");
      if (grown) observer.observe(grown);
      tell();
    });
    mutation.observe(page, { childList: true });
    tell();
    return () => {
      observer.disconnect();
      mutation.disconnect();
    };
  }, [box, hasAnswer]);
}
