/** Puts the focus on a session in the list, once it stands where it belongs. */
export function focusRow(id: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-session="${id}"]`)?.focus());
}

/** Whether the focus is in the list, or nowhere because what had it is gone. */
export function isInList(): boolean {
  const at = document.activeElement;
  return !at || at === document.body || at.closest(".sidebar, .toasts, .menu") !== null;
}
