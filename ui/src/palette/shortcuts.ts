/** The keys of the window. */

import { jamey } from "../api";
import { hasFloat, isCovered } from "../parts/float";
import { canUndo, undo } from "../state/deleting";
import { choose, grow } from "../state/looks";
import {
  addFiles,
  chooseModel,
  copyLast,
  focusSearch,
  lead,
  onPage,
  overlay,
  paletteOpen,
  pinHere,
  step,
  stopTurn,
  toApproval,
  toggleSidebar,
  toMessage,
} from "./actions";
import { KEYS, pressed, type Shortcut } from "./keys";

const BOUND: [Shortcut, () => void][] = [
  [KEYS.palette, () => paletteOpen.update((open) => !open)],
  [KEYS.newSession, () => lead({ name: "new" })],
  [KEYS.search, focusSearch],
  [KEYS.sidebar, toggleSidebar],
  [KEYS.focus, toMessage],
  [KEYS.attach, addFiles],
  [KEYS.settings, () => lead({ name: "settings", topic: "general" })],
  [KEYS.monitor, () => lead({ name: "monitor" })],
  [KEYS.usage, () => lead({ name: "usage" })],
  [KEYS.copyLast, copyLast],
  [KEYS.model, chooseModel],
  [KEYS.approval, () => onPage(toApproval)],
  [KEYS.pin, pinHere],
  [KEYS.undo, undo],
  [KEYS.next, () => step(1)],
  [KEYS.previous, () => step(-1)],
  [KEYS.larger, () => grow(1)],
  [KEYS.smaller, () => grow(-1)],
  [KEYS.normal, () => void choose("scale", 100)],
  [KEYS.quit, () => void jamey().quit()],
];

const IN_TEXT: readonly Shortcut[] = [KEYS.next, KEYS.previous, KEYS.undo];

export function listen(): () => void {
  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const isText = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
    if (event.key === "Escape" && !event.defaultPrevented) {
      if (!isCovered()) stopTurn();
      else if (!hasFloat()) overlay.set(false);
      return;
    }
    for (const [shortcut, run] of BOUND) {
      if (!pressed(event, shortcut)) continue;
      // In a text these keys move the caret, and undo what was typed.
      if (isText && target.value !== "" && IN_TEXT.includes(shortcut)) return;
      if (shortcut === KEYS.undo && !canUndo()) return;
      event.preventDefault();
      run();
      return;
    }
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}
