/** How the calls of each provider went over the day: a bar for each span, with what failed at its foot. */
import type { CallSpan, ProviderPast, ProvidersPast } from "../generated/bindings";
import { useText } from "../text";
import { providerName } from "../text/providers";
import { duration, number, percent, time } from "../text/units";
import { Figure, Numbers } from "./Figure";

const WIDTH = 320;
const HEIGHT = 64;
/** A span with one call among spans with hundreds is seen too. */
const LEAST = 3;

export function Calls({ past }: { past: ProvidersPast }) {
  const t = useText();
  // One that was called and has not answered yet has a span without calls.
  const called = past.providers.filter((provider) => sumOf(provider.history).calls > 0);
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
  const { history } = provider;
  const { calls, failed, firstWordMs } = sumOf(history);
  const share = calls > 0 ? ((calls - failed) / calls) * 100 : 0;
  const name = providerName(provider.health.name);
  const label = t.monitor.callsLabel(name, calls, failed);
  return (
    <Figure
      name={name}
      // All is said of all alone.
      now={percent(failed > 0 ? Math.min(share, 99) : share)}
      about={t.monitor.ofCalls(calls)}
      {...(firstWordMs === undefined ? {} : { here: t.monitor.firstWordIn(duration(firstWordMs)) })}
      top={t.monitor.inASpan(Math.max(...history.map((span) => span.calls)))}
      ends={[t.monitor.ago(duration(past.to - past.from)), t.monitor.now]}
      picture={<Bars history={history} past={past} label={label} />}
      table={() => (
        <Numbers
          heads={[t.monitor.time, t.monitor.called, t.monitor.failedCalls, t.monitor.firstWord]}
          rows={history.toReversed().map(rowOf)}
        />
      )}
    />
  );
}

const rowOf = (span: CallSpan): string[] => [
  time(span.at),
  number(span.calls),
  number(span.failed),
  span.firstWordMs == null ? "–" : duration(span.firstWordMs),
];

function Bars({ history, past, label }: { history: readonly CallSpan[]; past: ProvidersPast; label: string }) {
  const most = Math.max(...history.map((span) => span.calls));
  const whole = Math.max(1, past.to - past.from);
  const width = Math.max(1, (past.spanMs / whole) * WIDTH - 0.6);
  const tall = (calls: number) => (calls > 0 ? Math.max(LEAST, (calls / most) * (HEIGHT - 2)) : 0);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <line className="chart-top" x1="0" x2={WIDTH} y1="0.5" y2="0.5" />
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
