/** The limits that are set, and how far each is used. */
import type { LimitUse } from "../generated/bindings";
import { go } from "../state/place";
import { useText } from "../text";
import type { Text } from "../text/en";
import { money, percent, tokens } from "../text/units";

/** From here on a limit is worth a look. */
const NEAR = 0.8;

/** A limit by its key; one of a later version by the key itself. */
export function limitName(key: string, t: Text): string {
  const match = /^limits\.(turn|day|month)_(cost|tokens)$/.exec(key);
  if (!match) return key;
  const [, span, measure] = match as unknown as [
    string,
    "turn" | "day" | "month",
    Exclude<keyof Text["usage"]["limit"], number>,
  ];
  return t.usage.limit[measure](t.usage.spans[span]);
}

export function LimitsUsed({ limits }: { limits: readonly LimitUse[] }) {
  const t = useText();
  return (
    <section className="monitor-section" aria-label={t.usage.limits}>
      <h2>{t.usage.limits}</h2>
      {limits.length === 0 && <p className="usage-note">{t.usage.noLimits}</p>}
      {limits.map((limit) => (
        <Limit key={limit.key} limit={limit} />
      ))}
      <button
        type="button"
        className="button plain usage-more"
        onClick={() => go({ name: "settings", topic: "limits" })}
      >
        {limits.length === 0 ? t.usage.setLimit : t.usage.changeLimits}
      </button>
    </section>
  );
}

function Limit({ limit }: { limit: LimitUse }) {
  const t = useText();
  const share = limit.most > 0 ? limit.used / limit.most : 1;
  const show = limit.key.endsWith("_cost") ? money : tokens;
  const state = share >= 1 ? "reached" : share >= NEAR ? "near" : "fine";
  const name = limitName(limit.key, t);
  return (
    <div className="limit" data-state={state}>
      <span>{name}</span>
      <span className="numbers">
        {t.usage.usedOf(show(limit.used), show(limit.most))}
        {state === "reached" && <strong>{` · ${t.usage.reached}`}</strong>}
      </span>
      <progress
        className="download-bar"
        max={1}
        value={Math.min(1, share)}
        aria-label={`${name}: ${percent(share * 100)}`}
      />
    </div>
  );
}
