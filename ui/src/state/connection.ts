/** How the window stands with the runtime. */
import { asError, jamey } from "../api";
import type { Connection } from "../generated/bindings";
import { createStore } from "./store";

export type Standing = Connection & {
  /** It was ready once, so what is shown now is a lost connection. */
  wasReady: boolean;
  isMending: boolean;
  /** The button was pressed and did not help, so why says more than that nobody answers. */
  hasTried: boolean;
};

export const connection = createStore<Standing>({
  state: "connecting",
  wasReady: false,
  isMending: false,
  hasTried: false,
});
const whenReady = new Set<() => void>();

/** Runs something each time the runtime is there anew, until what it returns is called. */
export function onReady(run: () => void): () => void {
  whenReady.add(run);
  if (connection.get().state === "ready") run();
  return () => whenReady.delete(run);
}

/** Before a runtime that seems to be there, and gave no answer, is asked again. */
const BREATH_MS = 1000;

/** Waits until what got no answer can be asked again. */
export async function whenAnswering(): Promise<void> {
  await new Promise((done) => setTimeout(done, BREATH_MS));
  await new Promise<void>((done) => {
    const once = () => {
      whenReady.delete(once);
      done();
    };
    onReady(once);
  });
}

function take(next: Connection): void {
  const before = connection.get();
  const isReady = next.state === "ready";
  connection.set({
    ...next,
    wasReady: before.wasReady || isReady,
    isMending: before.isMending && !isReady,
    hasTried: before.hasTried && !isReady,
  });
  if (isReady && before.state !== "ready") for (const run of whenReady) run();
}

export async function beginConnection(): Promise<void> {
  await jamey().onConnection(take);
  try {
    take(await jamey().connection());
  } catch (thrown) {
    take({ state: "failed", error: asError(thrown) });
  }
}

export async function mend(): Promise<void> {
  connection.update((now) => ({ ...now, isMending: true }));
  try {
    await jamey().mend();
    connection.update((now) => ({ ...now, isMending: false }));
  } catch (thrown) {
    const error = asError(thrown);
    connection.update((now) => ({
      ...now,
      // What the connection itself tells of this came already, or comes next.
      ...(now.state === "starting" || now.state === "ready" ? { state: "failed" as const, error } : {}),
      isMending: false,
      hasTried: true,
    }));
  }
}
