/** Keeps the newest in sight while the person has not scrolled away from it. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR = 32;

export function useStick(scroller: RefObject<HTMLElement | null>, inside: RefObject<HTMLElement | null>) {
  const stuck = useRef(true);
  const lastTop = useRef(0);
  const [isAway, setAway] = useState(false);

  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    stuck.current = true;
    setAway(false);
    box.scrollTop = box.scrollHeight;
    lastTop.current = box.scrollTop;
  }, [scroller]);

  // Before the list knows how much of it can be seen, so that it draws its end and never its beginning.
  useLayoutEffect(() => {
    if (stuck.current) toEnd();
  }, [toEnd]);

  useEffect(() => {
    const box = scroller.current;
    const content = inside.current;
    if (!box || !content) return;
    const onScroll = () => {
      const left = box.scrollHeight - box.scrollTop - box.clientHeight;
      if (left < NEAR) stuck.current = true;
      // Content that grew leaves the place as it was; only a hand moves it up.
      else if (box.scrollTop < lastTop.current - 2) stuck.current = false;
      lastTop.current = box.scrollTop;
      setAway(!stuck.current && left > 160);
    };
    // Runs after layout and before paint, so that growth is never seen as a jump.
    const observer = new ResizeObserver(() => {
      if (stuck.current) toEnd();
    });
    box.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(content);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [scroller, inside, toEnd]);

  /** Lets the page stay where it is put. */
  const letGo = useCallback(() => {
    stuck.current = false;
  }, []);

  return { toEnd, letGo, isAway };
}
