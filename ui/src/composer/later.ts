/** What was chosen while a turn runs and counts from the next one on. */
import type { Mode } from "../generated/bindings";
import type { Turn } from "../session/view";

/** From the narrowest to the widest. */
export const MODES: readonly Mode[] = ["read-only", "ask", "auto-edit", "full"];

/** A turn keeps the model that it began with. */
export function isModelLater(turn: Turn | undefined, chosen: string | undefined): boolean {
  const holds = turn?.settings.model;
  return Boolean(holds && chosen && holds !== chosen);
}

/** A turn never gets more leave than it began with; less of it counts at once. */
export function isModeLater(turn: Turn | undefined, chosen: Mode): boolean {
  const holds = turn?.settings.mode;
  return Boolean(holds && MODES.indexOf(chosen) > MODES.indexOf(holds));
}
