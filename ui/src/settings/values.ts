/** One value of the configuration, by its dotted name; a change holds at once and says so. */
import { useCallback, useState } from "react";
import { asError, jamey } from "../api";
import type { ConfigView, Value } from "../generated/bindings";
import { config } from "../state/asked";
import { useStore } from "../state/store";

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

export function useSetting(key: string) {
  const view = useStore(config.store).value;
  const [outcome, setOutcome] = useState<Outcome>();
  /** Tells whether it was taken. */
  const set = useCallback(
    async (value: Value): Promise<boolean> => {
      try {
        const before = config.store.get().value?.warnings ?? [];
        const next = await put(key, value);
        const note = noteOf(next.warnings, before);
        setOutcome({ kind: "saved", ...(note ? { note } : {}) });
        return true;
      } catch (thrown) {
        setOutcome({ kind: "failed", message: failure(thrown) });
        return false;
      }
    },
    [key],
  );
  return { value: at(view?.values, key), set, outcome };
}
