/** What came of trying a provider: that it answers and how fast, or why not and what to do. */
import { useCallback, useState } from "react";
import { asError, jamey } from "../api";
import type { ProviderTest } from "../generated/bindings";
import { Icon } from "../parts/icons";
import { useText } from "../text";
import { duration } from "../text/units";

export type Outcome = ProviderTest | "running";

/** Tries a provider; what came of it stays until it is tried again. */
export function useTest(provider: string) {
  const [outcome, setOutcome] = useState<Outcome>();
  const run = useCallback(async (): Promise<ProviderTest> => {
    setOutcome("running");
    const came = await jamey()
      .testProvider(provider)
      .catch((thrown): ProviderTest => ({ tookMs: 0, error: asError(thrown) }));
    setOutcome(came);
    return came;
  }, [provider]);
  return { outcome, run, forget: useCallback(() => setOutcome(undefined), []) };
}

export function Tested({ outcome }: { outcome: Outcome | undefined }) {
  const t = useText();
  return (
    <p role="status" className="tested">
      {outcome === "running" ? (
        <>
          <span className="spinner" />
          {t.keys.testing}
        </>
      ) : outcome?.error ? (
        <span className="setting-failed">
          <Icon name="alert" size={14} />
          <span>
            {outcome.error.message}
            {outcome.error.hint && <span className="quiet">{` · ${outcome.error.hint}`}</span>}
          </span>
        </span>
      ) : (
        outcome && (
          <span className="setting-saved">
            <Icon name="check" size={14} />
            {[t.keys.answers(duration(outcome.tookMs)), outcome.models != null ? t.keys.models(outcome.models) : ""]
              .filter(Boolean)
              .join(" · ")}
          </span>
        )
      )}
    </p>
  );
}
