/**
 * Boxes that lie over the page: the platform's popover where there is one, else a fixed box that closes with a press
 * elsewhere. Older webviews of macOS have none.
 */
export function showFloat(box: HTMLElement): void {
  if ("showPopover" in box) box.showPopover();
}

export function hideFloat(box: HTMLElement | null): void {
  if (box && "hidePopover" in box && box.isConnected) box.hidePopover();
}

/** Tells when the box was left, by a press elsewhere or by the platform. */
export function onAway(box: HTMLElement, anchor: HTMLElement | null, close: () => void): () => void {
  const toggled = (event: Event) => {
    if ((event as ToggleEvent).newState === "closed") close();
  };
  const pressed = (event: PointerEvent) => {
    const target = event.target as Node;
    if (!box.contains(target) && !anchor?.contains(target)) close();
  };
  box.addEventListener("toggle", toggled);
  document.addEventListener("pointerdown", pressed, true);
  return () => {
    box.removeEventListener("toggle", toggled);
    document.removeEventListener("pointerdown", pressed, true);
  };
}

/** Tells whether a box floats over the page and takes Esc for itself. */
export function hasFloat(): boolean {
  return document.querySelector("dialog[open], [popover]") !== null;
}

/** Tells whether something lies over the page: such a box, or in a narrow window the list of sessions. */
export function isCovered(): boolean {
  return hasFloat() || document.querySelector(".sidebar-veil") !== null;
}
