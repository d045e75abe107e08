/** What was chosen while a turn runs and counts from the next one on. */
import type { Mode } from "../generated/bindings";
import type { Turn } from "../session/view";

/** From the narrowest to the widest. */
export const MODES: readonly Mode[] = ["read-only", "ask", "auto-edit", "full"];

export type Later = "model" | "mode" | "both";

/**
 * A turn keeps the model that it began with, and never gets more leave than it began with; less of it counts at once.
 */
export function laterOf(turn: Turn | undefined, model: string | undefined, mode: Mode): Later | undefined {
  const { settings } = turn ?? {};
  const isModel = Boolean(settings?.model && model && settings.model !== model);
  const isMode = Boolean(settings?.mode && MODES.indexOf(mode) > MODES.indexOf(settings.mode));
  if (isModel) return isMode ? "both" : "model";
  return isMode ? "mode" : undefined;
}
