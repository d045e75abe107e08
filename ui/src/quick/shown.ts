/** That the quick prompt appeared: heard from before the shell is asked, so that nothing typed early is missed. */
import { jamey } from "../api";
import type { QuickShown } from "../generated/bindings";
import { createStore } from "../state/store";

export const shown = createStore<QuickShown>({});

export async function beginShown(): Promise<void> {
  await jamey().onQuickShown((next) => shown.set({ ...next }));
}
