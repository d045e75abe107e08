/** The three reports of a time, asked together; what was there stays until the new ones are here. */
import { useCallback, useEffect, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { ApiError, UsageReport } from "../generated/bindings";
import { onReady } from "../state/connection";
import { ended } from "../state/sessions";

export type Reports = { days: number; day: UsageReport; model: UsageReport; session: UsageReport };

export function useReports(days: number) {
  const [reports, setReports] = useState<Reports>();
  const [error, setError] = useState<ApiError>();
  const newest = useRef(0);
  const ask = useCallback(async () => {
    const turn = ++newest.current;
    try {
      const [day, model, session] = await Promise.all([
        jamey().usage("day", days),
        jamey().usage("model", days),
        jamey().usage("session", days),
      ]);
      if (turn !== newest.current) return;
      setReports({ days, day, model, session });
      setError(undefined);
    } catch (thrown) {
      if (turn === newest.current) setError(asError(thrown));
    }
  }, [days]);
  useEffect(() => {
    const stop = onReady(() => void ask());
    // What was used since is told as soon as somebody sees it.
    const look = () => void (document.visibilityState === "visible" && ask());
    const unheard = ended.subscribe(look);
    document.addEventListener("visibilitychange", look);
    return () => {
      stop();
      unheard();
      document.removeEventListener("visibilitychange", look);
      newest.current++;
    };
  }, [ask]);
  return { reports, error, ask };
}
