/** One value of the configuration, by its dotted name; a change holds at once and says so. */
import { useCallback, useState } from "react";
import { asError, jamey } from "../api";
import type { Value } from "../generated/bindings";
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

export function useSetting(key: string) {
  const view = useStore(config.store).value;
  const [outcome, setOutcome] = useState<Outcome>();
  const set = useCallback(
    async (value: Value) => {
      try {
        const before = config.store.get().value?.warnings ?? [];
        const next = await jamey().setConfig(key, value);
        config.put(next);
        const note = noteOf(next.warnings, before);
        setOutcome({ kind: "saved", ...(note ? { note } : {}) });
      } catch (thrown) {
        const error = asError(thrown);
        setOutcome({ kind: "failed", message: error.hint ? `${error.message}. ${error.hint}` : error.message });
      }
    },
    [key],
  );
  return { value: at(view?.values, key), set, outcome };
}
