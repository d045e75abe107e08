/** Where the focus is in the list of sessions, and when it stays there. */
import { type Place, place } from "../state/place";

/** Puts the focus on a session in the list, once it stands where it belongs. */
export function focusRow(id: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-session="${id}"]`)?.focus());
}

/** Whether the focus is in the list, or nowhere because what had it is gone. */
export function isInList(): boolean {
  const at = document.activeElement;
  return !at || at === document.body || at.closest(".sidebar, .toasts, .menu") !== null;
}

let held: { element: HTMLElement; at: Place } | undefined;

/** Puts the focus there, and keeps it from the page that comes up now: the person goes on in the list. */
export function hold(element: HTMLElement | null | undefined): void {
  element?.focus();
  held = element ? { element, at: place.get() } : undefined;
}

/** Whether the list keeps the focus, until it is moved or another page is chosen. */
export function isHeld(): boolean {
  return held !== undefined && held.element === document.activeElement && held.at === place.get();
}
