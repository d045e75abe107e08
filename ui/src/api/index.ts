/** The one way out of the window; everything else calls `jamey()`. */
import type { Jamey } from "./jamey";

export { asError, type Jamey, type Stop } from "./jamey";

declare const __MOCK__: boolean;

let chosen: Jamey | undefined;

/** Chooses the shell, or in development a scripted runtime. */
export async function connect(): Promise<void> {
  if (__MOCK__ && !("__TAURI_INTERNALS__" in window)) {
    chosen = (await import("../../mock")).mock;
    return;
  }
  chosen = (await import("./tauri")).tauri;
}

export function jamey(): Jamey {
  if (!chosen) throw new Error("the window is not connected yet");
  return chosen;
}
