/** Keys that belong to an input method: they choose or cancel what it offers, and mean nothing else. */
import type { KeyboardEvent as ReactKeyboardEvent } from "react";

/** Some webviews tell the end of composing before the key that ended it; its code still says so. */
export function isComposing(event: KeyboardEvent | ReactKeyboardEvent): boolean {
  const { isComposing, keyCode } = "nativeEvent" in event ? event.nativeEvent : event;
  return isComposing || keyCode === 229;
}
