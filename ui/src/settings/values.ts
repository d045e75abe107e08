/** One value of the configuration, by its dotted name; a change holds at once and says so. */
import { useCallback, useState } from "react";
import { asError, jamey } from "../api";
import type { ConfigView, Value } from "../generated/bindings";
import { config } from "../state/asked";
import { createStore, useStore } from "../state/store";

export type Outcome = { kind: "saved"; note?: string } | { kind: "failed"; message: string };

export function at(values: Value | undefined, key: string): Value | undefined {
  let value: Value | undefined = values;
  for (const part of key.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = value[part];
  }
  return value;
}

/** What was wrong before is not said again for this change. */
function noteOf(warnings: readonly string[], before: readonly string[]): string | undefined {
  return warnings.find((warning) => !before.includes(warning));
}

/** Sets one key; `null` takes it out. What the runtime says against it is thrown. */
export async function put(key: string, value: Value): Promise<ConfigView> {
  const next = await jamey().setConfig(key, value);
  config.put(next);
  return next;
}

/** What the runtime said against a change. */
export function failure(thrown: unknown): string {
  const error = asError(thrown);
  return error.hint ? `${error.message}. ${error.hint}` : error.message;
}

/** What was wished for and is not kept yet, by its key. */
const wishes = createStore<Readonly<Record<string, Value | undefined>>>({});
const writing = new Map<string, Promise<boolean>>();

const kept = (key: string) => at(config.store.get().value?.values, key);

/** Writes a wish, and what it became meanwhile, one after the other; what is not taken is forgotten. */
async function write(key: string, tell: (outcome: Outcome) => void): Promise<boolean> {
  for (;;) {
    const wish = wishes.get()[key] ?? null;
    let isTaken = true;
    try {
      const before = config.store.get().value?.warnings ?? [];
      const note = noteOf((await put(key, wish)).warnings, before);
      tell({ kind: "saved", ...(note ? { note } : {}) });
    } catch (thrown) {
      isTaken = false;
      tell({ kind: "failed", message: failure(thrown) });
    }
    if (Object.is(wishes.get()[key], wish)) {
      wishes.update(({ [key]: _, ...others }) => others);
      return isTaken;
    }
  }
}

/** A setting as it is wished for, though the runtime may be slow to keep it. */
export function useSetting(key: string) {
  const view = useStore(config.store).value;
  const wish = useStore(wishes)[key];
  const [outcome, setOutcome] = useState<Outcome>();
  /** Makes another value of the one that is wished for now; tells whether the runtime took the last one. */
  const change = useCallback(
    (by: (now: Value | undefined) => Value): Promise<boolean> => {
      const next = by(wishes.get()[key] ?? kept(key));
      wishes.update((all) => ({ ...all, [key]: next }));
      const begun = writing.get(key) ?? write(key, setOutcome).finally(() => writing.delete(key));
      writing.set(key, begun);
      return begun;
    },
    [key],
  );
  const set = useCallback((value: Value) => change(() => value), [change]);
  return { value: wish ?? at(view?.values, key), set, change, outcome };
}
