/**
 * What there is to ask about: the selected text and the clipboard. Only how long they are is known here, until the
 * person chooses one; then it is asked for and can be shown.
 */
import { jamey } from "../api";
import type { Excerpt, QuickContext } from "../generated/bindings";
import { createStore } from "../state/store";

export const KINDS = ["selection", "clipboard"] as const;
export type Kind = (typeof KINDS)[number];

export type Offers = { offered: QuickContext; chosen: ReadonlyMap<Kind, Excerpt> };

const NONE: ReadonlyMap<Kind, Excerpt> = new Map();

export const offers = createStore<Offers>({ offered: {}, chosen: NONE });

/** Choices whose text is not here yet. */
let coming: Promise<unknown> = Promise.resolve();

/** Whether a text that was offered then still is. */
const isStill = (kind: Kind, then: QuickContext) => offers.get().offered[kind]?.id === then[kind]?.id;

/** Offers what there is now. What was chosen stays chosen as long as it is the same. */
export function offer(offered: QuickContext): void {
  offers.update(({ chosen }) => ({
    offered,
    chosen: new Map([...chosen].filter(([kind]) => isStill(kind, offered))),
  }));
}

/** Chooses a text, or leaves it. Throws what the shell said against it. */
export function toggle(kind: Kind): Promise<void> {
  const { offered, chosen } = offers.get();
  if (chosen.has(kind)) {
    offers.set({ offered, chosen: new Map([...chosen].filter(([other]) => other !== kind)) });
    return Promise.resolve();
  }
  const wanted = offered[kind];
  if (!wanted) return Promise.resolve();
  const asked = jamey()
    .quickText(wanted.id)
    .then((text) => {
      if (!isStill(kind, offered)) return;
      offers.update((now) => ({ ...now, chosen: new Map([...now.chosen, [kind, text]]) }));
    });
  coming = Promise.allSettled([coming, asked]);
  return asked;
}

/** Takes all that is chosen, also what is being fetched, so that it goes along with one question. */
export async function take(): Promise<Offers> {
  await coming;
  const taken = offers.get();
  offers.set({ ...taken, chosen: NONE });
  return taken;
}

/** The question did not go: what went along is chosen again, where it is still offered. */
export function giveBack(taken: Offers): void {
  const again = [...taken.chosen].filter(([kind]) => isStill(kind, taken.offered));
  offers.update((now) => ({ ...now, chosen: new Map([...again, ...now.chosen]) }));
}
