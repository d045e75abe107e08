/**
 * Marks each box that is scrolled away from its beginning, so that a style can show that something is hidden above.
 * One listener for all of them: styles alone cannot tell that in every webview that we run in.
 */
export function markScrolled(): () => void {
  const onScroll = ({ target }: Event) => {
    if (target instanceof HTMLElement) target.toggleAttribute("data-scrolled", target.scrollTop > 0);
  };
  // It does not bubble, but passes by on its way down.
  const how = { capture: true, passive: true };
  document.addEventListener("scroll", onScroll, how);
  return () => document.removeEventListener("scroll", onScroll, how);
}
