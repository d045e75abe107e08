/** Values of the configuration by their dotted names, and what is wished for them until the runtime has kept it. */
import { asError, jamey } from "../api";
import type { ConfigView, Value } from "../generated/bindings";
import { config } from "./asked";
import { createStore } from "./store";

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
export const wishes = createStore<Readonly<Record<string, Value | undefined>>>({});
const writing = new Map<string, Promise<boolean>>();

const kept = (key: string) => at(config.store.get().value?.values, key);

type Tell = (outcome: Outcome) => void;

/** Writes a wish, and what it became meanwhile, one after the other; what is not taken is forgotten. */
async function write(key: string, tell: Tell): Promise<boolean> {
  for (;;) {
    const wish = wishes.get()[key] ?? null;
    const isLast = () => Object.is(wishes.get()[key] ?? null, wish);
    const forget = () => {
      writing.delete(key);
      wishes.update(({ [key]: _, ...others }) => others);
    };
    try {
      const before = config.store.get().value?.warnings ?? [];
      const view = await jamey().setConfig(key, wish);
      const isDone = isLast();
      // First, so that whoever follows the configuration takes this for the last word.
      if (isDone) forget();
      config.put(view);
      const note = noteOf(view.warnings, before);
      tell({ kind: "saved", ...(note ? { note } : {}) });
      if (isDone) return true;
    } catch (thrown) {
      tell({ kind: "failed", message: failure(thrown) });
      if (!isLast()) continue;
      forget();
      return false;
    }
  }
}

/** Whether something else is wished for than what is kept, and not answered yet. */
export const isWished = (key: string): boolean => Object.hasOwn(wishes.get(), key);

/**
 * Makes another value of the one that is wished for now; tells whether the runtime took the last one. However fast they
 * come, one write follows the other, and only the last wish is written.
 */
export function wish(key: string, by: (now: Value | undefined) => Value, tell: Tell): Promise<boolean> {
  const next = by(isWished(key) ? wishes.get()[key] : kept(key));
  wishes.update((all) => ({ ...all, [key]: next }));
  const begun = writing.get(key) ?? write(key, tell);
  writing.set(key, begun);
  return begun;
}
