/** Short messages at the lower edge; one may carry an undo. */
import type { ApiError } from "../generated/bindings";
import { createStore } from "./store";

export type Toast = {
  id: number;
  text: string;
  hint?: string | undefined;
  isError: boolean;
  action?: { label: string; keys?: string; run: () => void };
  /** Told when it is no longer shown. */
  gone?: () => void;
};

export const toasts = createStore<readonly Toast[]>([]);
const MOST = 3;
/** After a message was looked at, it stays for this time at least. */
const LONGER_MS = 2000;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let next = 1;

/** Whether the pointer or the focus is on a message: then none goes away by itself. */
const isLookedAt = () => document.querySelector(".toasts:is(:hover, :focus-within)") !== null;

function end(id: number, ms: number): void {
  timers.set(
    id,
    setTimeout(() => (isLookedAt() ? end(id, LONGER_MS) : hush(id)), ms),
  );
}

export function say(toast: Omit<Toast, "id" | "isError"> & { isError?: boolean }, ms = 6000): number {
  const id = next++;
  const all = toasts.get();
  // What can be undone stays for its time, however much is said after it.
  const oldest = all.length < MOST ? undefined : all.find((one) => !one.action);
  if (oldest) hush(oldest.id);
  toasts.update((now) => [...now, { isError: false, ...toast, id }]);
  end(id, ms);
  return id;
}

export function sayError(what: string, error: ApiError): void {
  const hint = error.hint ? `${error.message}. ${error.hint}` : error.message;
  say({ text: what, hint, isError: true }, 10_000);
}

export function hush(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const toast = toasts.get().find((one) => one.id === id);
  toasts.update((now) => now.filter((one) => one.id !== id));
  toast?.gone?.();
}
