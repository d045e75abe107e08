/** Downloads of local models: they go on whatever page is shown. */
import { asError, jamey } from "../api";
import type { ApiError, Model, Pull } from "../generated/bindings";
import { text } from "../text";
import { canAnswer, letAnswer, models } from "./asked";
import { createStore, usePart } from "./store";
import { sayError } from "./toasts";

export type Pulling = {
  done: number;
  total: number;
  /** Bytes a second, over the last seconds. */
  speed: number;
  state: "running" | "verifying" | "paused" | "failed";
  error?: ApiError;
};

export const pulls = createStore<Readonly<Record<string, Pulling>>>({});

/** The download of a model, or what is left of one that was begun before the shell was started or elsewhere. */
export function usePulling(model: Model): Pulling | undefined {
  return orLeft(
    usePart(pulls, (all) => all[model.id]),
    model,
  );
}

export function orLeft(pulling: Pulling | undefined, { weights }: Model): Pulling | undefined {
  if (pulling || !weights?.partialBytes || weights.installed) return pulling;
  return { done: weights.partialBytes, total: weights.bytes, speed: 0, state: "paused" };
}

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

function take(name: string, message: Pull): void {
  if (message.type === "progress") {
    // What was on its way when it was stopped.
    if (pulls.get()[name]?.state === "paused") return;
    put(name, { done: message.done, total: message.total, speed: speedOf(name, message.done), state: "running" });
  } else if (message.type === "verifying") put(name, { state: "verifying" });
  else if (message.type === "failed") put(name, { state: "failed", error: message.error });
  else {
    // Until the list says that it is here: else its button to download comes back for a moment.
    put(name, { state: "verifying" });
    void arrived(name);
  }
}

/** What is downloaded where nothing can answer is meant to, whatever page the person is on by then. */
async function arrived(name: string): Promise<void> {
  const isFirst = !canAnswer(models.store.get().value ?? []);
  await models.again();
  drop(name);
  if (isFirst) await letAnswer(name).catch((thrown) => sayError(text().settings.notSaved, asError(thrown)));
}

/** Which try of a download is the newest: what an earlier one still tells is not heard. */
const tries = new Map<string, number>();

/** Downloads it, or listens to the download that runs already. */
export async function pull(name: string): Promise<void> {
  const mine = begin(name);
  looks.delete(name);
  put(name, { state: "running", speed: 0 });
  await listen(name, mine);
}

function begin(name: string): number {
  const mine = (tries.get(name) ?? 0) + 1;
  tries.set(name, mine);
  return mine;
}

async function listen(name: string, mine: number): Promise<void> {
  try {
    await jamey().pullModel(name, (message) => {
      if (tries.get(name) === mine) take(name, message);
    });
  } catch (thrown) {
    if (tries.get(name) === mine) put(name, { state: "failed", error: asError(thrown) });
  }
}

/** Stops it; what was fetched stays. */
export async function pause(name: string): Promise<void> {
  begin(name);
  put(name, { state: "paused", speed: 0 });
  await jamey()
    .cancelPull(name)
    .catch(() => {});
}

/** Stops it and removes what was fetched. */
export async function discard(name: string): Promise<void> {
  const mine = begin(name);
  looks.delete(name);
  try {
    await jamey().discardPull(name);
    // Before: the list still tells of what was just removed.
    await models.again();
    if (tries.get(name) === mine) drop(name);
  } catch (thrown) {
    if (tries.get(name) === mine) put(name, { state: "failed", error: asError(thrown) });
  }
}

/** Shows the downloads that an earlier page began, and listens to those that run. */
export async function beginPulls(): Promise<void> {
  for (const { name, isRunning, last } of await jamey().pulls()) {
    // Begun anew here meanwhile.
    if (pulls.get()[name]) continue;
    const progress = last?.type === "progress" ? { done: last.done, total: last.total } : {};
    put(name, { ...progress, state: isRunning ? "running" : "paused" });
    if (last?.type === "failed") take(name, last);
    if (isRunning) void listen(name, begin(name));
  }
}
