/** The sessions that the list shows, in its order: what is next to one is the same everywhere. */
import type { Session } from "../generated/bindings";
import { prefs } from "../state/prefs";
import { sessions } from "../state/sessions";
import { createStore } from "../state/store";
import { orderOf, shownOf } from "./groups";

/** More rows than anybody scrolls through, beside those that are pinned; search finds the rest. */
export const STEP = 200;

/** How many rows are shown at most, beside those that are pinned. */
export const most = createStore(STEP);

function order(): Session[] {
  const { pinned, grouping } = prefs.get();
  return orderOf(shownOf(sessions.get().list, pinned, most.get()).list, pinned, grouping);
}

/** The session so many rows below another one, or at the end where there are not as many; the first for none. */
export function stepFrom(id: string | undefined, by: number): Session | undefined {
  const all = order();
  const at = all.findIndex((one) => one.id === id);
  return all[Math.min(all.length - 1, Math.max(0, at + by))];
}

/** The session that takes the place of another one: the next, or the last before it. */
export function besides(id: string): Session | undefined {
  const all = order();
  const at = all.findIndex((one) => one.id === id);
  return all[at + 1] ?? all[at - 1];
}
