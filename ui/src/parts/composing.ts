/** Keys that belong to an input method: they choose or cancel what it offers, and mean nothing else. */

/** Some webviews tell the end of composing before the key that ended it; its code still says so. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Keeps them from everything that listens for keys, before anything does. */
export function leaveToInputMethod(): void {
  addEventListener("keydown", (event) => isComposing(event) && event.stopImmediatePropagation(), true);
}
