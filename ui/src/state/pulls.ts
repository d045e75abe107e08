/** Downloads of local models: they go on whatever page is shown. */
import { asError, jamey } from "../api";
import type { ApiError } from "../generated/bindings";
import { models } from "./asked";
import { createStore } from "./store";

export type Pulling = {
  done: number;
  total: number;
  /** Bytes a second, over the last seconds. */
  speed: number;
  state: "running" | "verifying" | "paused" | "failed";
  error?: ApiError;
};

export const pulls = createStore<Readonly<Record<string, Pulling>>>({});
const looks = new Map<string, { at: number; done: number }[]>();
const WINDOW_MS = 8000;

function put(name: string, change: Partial<Pulling>): void {
  pulls.update((all) => {
    const before = all[name] ?? { done: 0, total: 0, speed: 0, state: "running" as const };
    return { ...all, [name]: { ...before, ...change } };
  });
}

function drop(name: string): void {
  pulls.update((all) => Object.fromEntries(Object.entries(all).filter(([one]) => one !== name)));
}

/** How fast it is, from what came within the last seconds. */
function speedOf(name: string, done: number): number {
  const now = performance.now();
  const all = [...(looks.get(name) ?? []), { at: now, done }].filter((look) => now - look.at < WINDOW_MS);
  looks.set(name, all);
  const first = all[0]!;
  const seconds = (now - first.at) / 1000;
  return seconds > 0.5 ? (done - first.done) / seconds : 0;
}

export async function pull(name: string): Promise<void> {
  looks.delete(name);
  put(name, { state: "running", speed: 0 });
  let ended = false;
  try {
    await jamey().pullModel(name, (message) => {
      if (message.type === "progress") {
        if (pulls.get()[name]?.state === "paused") return;
        put(name, { done: message.done, total: message.total, speed: speedOf(name, message.done), state: "running" });
      } else if (message.type === "verifying") put(name, { state: "verifying" });
      else if (message.type === "failed") put(name, { state: "failed", error: message.error });
      else {
        ended = true;
        drop(name);
        void models.again();
      }
    });
    // Some shells answer when it began, others when it ended: only messages tell which.
    if (ended) drop(name);
  } catch (thrown) {
    if (pulls.get()[name]?.state !== "paused") put(name, { state: "failed", error: asError(thrown) });
  }
}

/** Stops it; what was fetched stays. */
export async function pause(name: string): Promise<void> {
  put(name, { state: "paused", speed: 0 });
  await jamey()
    .cancelPull(name)
    .catch(() => {});
}
