/** How the calls of each provider went over the day: a bar for each span, with what failed at its foot. */
import { useId, useState } from "react";
import type { CallSpan, ProviderPast, ProvidersPast } from "../generated/bindings";
import { useText } from "../text";
import { duration, number, percent, time } from "../text/units";

const WIDTH = 320;
const HEIGHT = 64;
/** A span with one call among spans with hundreds is seen too. */
const LEAST = 3;

export function Calls({ past }: { past: ProvidersPast }) {
  const t = useText();
  const called = past.providers.filter((provider) => provider.history.length > 0);
  if (called.length === 0) return null;
  return (
    <section className="monitor-section" aria-label={t.monitor.calls}>
      <h2>{t.monitor.calls}</h2>
      <div className="charts">
        {called.map((provider) => (
          <One key={provider.health.name} provider={provider} past={past} />
        ))}
      </div>
    </section>
  );
}

/** All calls of the day, and how long the first word took in the middle. */
export function sumOf(history: readonly CallSpan[]) {
  let [calls, failed, waited, told] = [0, 0, 0, 0];
  for (const span of history) {
    calls += span.calls;
    failed += span.failed;
    if (span.firstWordMs == null) continue;
    const answered = span.calls - span.failed;
    waited += span.firstWordMs * answered;
    told += answered;
  }
  return { calls, failed, firstWordMs: told > 0 ? waited / told : undefined };
}

function One({ provider, past }: { provider: ProviderPast; past: ProvidersPast }) {
  const t = useText();
  const [asTable, setTable] = useState(false);
  const id = useId();
  const { history } = provider;
  const { calls, failed, firstWordMs } = sumOf(history);
  const share = calls > 0 ? ((calls - failed) / calls) * 100 : 0;
  // All is said of all alone.
  const answered = percent(failed > 0 ? Math.min(share, 99) : share);
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption>
        <span id={id} className="chart-name">
          {provider.health.name}
        </span>
        <button type="button" className="chart-switch" aria-pressed={asTable} onClick={() => setTable(!asTable)}>
          {asTable ? t.monitor.chart : t.monitor.table}
        </button>
      </figcaption>
      <p className="chart-now numbers">
        {answered}
        <span className="chart-about">
          {t.monitor.ofCalls(calls)}
          {firstWordMs !== undefined && ` · ${t.monitor.firstWordIn(duration(firstWordMs))}`}
        </span>
      </p>
      {asTable ? (
        <Numbers history={history} />
      ) : (
        <Bars history={history} past={past} label={t.monitor.callsLabel(provider.health.name, calls, failed)} />
      )}
    </figure>
  );
}

function Bars({ history, past, label }: { history: readonly CallSpan[]; past: ProvidersPast; label: string }) {
  const most = Math.max(...history.map((span) => span.calls));
  const whole = Math.max(1, past.to - past.from);
  const width = Math.max(1, (past.spanMs / whole) * WIDTH - 0.6);
  const tall = (calls: number) => (calls > 0 ? Math.max(LEAST, (calls / most) * (HEIGHT - 4)) : 0);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {history.map((span) => {
        const x = ((span.at - past.from) / whole) * WIDTH;
        const bad = tall(span.failed);
        const height = Math.max(tall(span.calls), bad);
        return (
          <g key={span.at}>
            <rect className="calls-good" x={x} width={width} y={HEIGHT - 1 - height} height={height - bad} />
            {bad > 0 && <rect className="calls-bad" x={x} width={width} y={HEIGHT - 1 - bad} height={bad} />}
          </g>
        );
      })}
      <line className="chart-floor" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
    </svg>
  );
}

function Numbers({ history }: { history: readonly CallSpan[] }) {
  const t = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard
    <div className="chart-table" role="group" aria-label={t.markdown.table} tabIndex={0}>
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">{t.monitor.time}</th>
            <th scope="col">{t.monitor.called}</th>
            <th scope="col">{t.monitor.failedCalls}</th>
            <th scope="col">{t.monitor.firstWord}</th>
          </tr>
        </thead>
        <tbody>
          {history.toReversed().map((span) => (
            <tr key={span.at}>
              <td>{time(span.at)}</td>
              <td>{number(span.calls)}</td>
              <td>{number(span.failed)}</td>
              <td>{span.firstWordMs == null ? "–" : duration(span.firstWordMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
