/** Whether everything is held: the runtime's setting `runtime.paused`, whoever changed it. */
import { asError, jamey } from "../api";
import type { ConfigView } from "../generated/bindings";
import { text } from "../text";
import { config } from "./asked";
import { usePart } from "./store";
import { say, sayError } from "./toasts";

function isHeld(view: ConfigView | undefined): boolean {
  const values = view?.values as { runtime?: { paused?: unknown } } | undefined;
  return values?.runtime?.paused === true;
}

export const isPaused = (): boolean => isHeld(config.store.get().value);

export function useIsPaused(): boolean {
  return usePart(config.store, (now) => isHeld(now.value));
}

/** Holds everything, or lets it go on. */
export async function pause(held: boolean): Promise<void> {
  const failed = held ? text().pause.notPaused : text().pause.notResumed;
  try {
    const view = await jamey().setPaused(held);
    config.put(view);
    // Something stronger than the file says otherwise; the runtime tells what.
    if (isHeld(view) !== held) say({ text: `${failed}: ${view.warnings.at(-1) ?? ""}` });
  } catch (thrown) {
    sayError(failed, asError(thrown));
  }
}
