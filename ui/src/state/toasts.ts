/** Short messages at the lower edge; one may carry an undo. */
import type { ApiError } from "../generated/bindings";
import { createStore } from "./store";

export type Toast = {
  id: number;
  text: string;
  hint?: string | undefined;
  isError: boolean;
  action?: { label: string; run: () => void };
};

export const toasts = createStore<readonly Toast[]>([]);
let next = 1;

export function say(toast: Omit<Toast, "id" | "isError"> & { isError?: boolean }, ms = 6000): number {
  const id = next++;
  toasts.update((now) => [...now.slice(-2), { isError: false, ...toast, id }]);
  setTimeout(() => hush(id), ms);
  return id;
}

export function sayError(what: string, error: ApiError): void {
  const hint = error.hint ? `${error.message}. ${error.hint}` : error.message;
  say({ text: what, hint, isError: true }, 10_000);
}

export function hush(id: number): void {
  toasts.update((now) => now.filter((toast) => toast.id !== id));
}
