/** One small chart: a line on its own scale, its newest value as a label, and a table of the same numbers behind it. */
import { type PointerEvent, useMemo, useState } from "react";
import { useText } from "../text";
import { duration, time } from "../text/units";
import { Figure, Numbers } from "./Figure";

export type Reading = { at: number; value: number };

const WIDTH = 320;
const HEIGHT = 64;
/** A longer silence is a gap in the line, not a straight one. */
const GAP = 4;

export function Chart(props: {
  name: string;
  readings: readonly Reading[];
  /** The top of the scale above the highest reading. */
  top: (high: number) => number;
  from: number;
  to: number;
  show: (value: number) => string;
  about?: string;
}) {
  const t = useText();
  const { readings, from, to, show } = props;
  const newest = readings.at(-1);
  const values = readings.map((reading) => reading.value);
  const high = values.length > 0 ? Math.max(...values) : 0;
  const low = values.length > 0 ? Math.min(...values) : 0;
  const top = props.top(high);
  const paths = useMemo(() => pathsOf(readings, from, to, top), [readings, from, to, top]);
  const [pointed, setPointed] = useState<number>();
  const here = pointed === undefined ? undefined : nearest(readings, pointed);
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(from + ((event.clientX - box.left) / box.width) * (to - from));
  };
  const hereX = here && ((here.at - from) / Math.max(1, to - from)) * WIDTH;
  const picture = (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t.monitor.chartLabel(props.name, newest ? show(newest.value) : "–", show(low), show(high))}
      onPointerMove={point}
      onPointerLeave={() => setPointed(undefined)}
    >
      <line className="chart-top" x1="0" x2={WIDTH} y1="0.5" y2="0.5" />
      {paths.map((path) => (
        <g key={path.line}>
          <path className="chart-area" d={path.area} />
          <path className="chart-line" d={path.line} />
        </g>
      ))}
      {hereX !== undefined && <line className="chart-here" x1={hereX} x2={hereX} y1="0" y2={HEIGHT} />}
      <line className="chart-floor" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
    </svg>
  );
  const table = () => (
    <Numbers
      heads={[t.monitor.time, t.monitor.value]}
      rows={spread(readings).map((reading) => [time(reading.at), show(reading.value)])}
    />
  );
  return (
    <Figure
      name={props.name}
      now={newest ? show(newest.value) : "–"}
      about={props.about}
      top={show(top)}
      here={here && `${time(here.at)} · ${show(here.value)}`}
      ends={[t.monitor.ago(duration(to - from)), t.monitor.now]}
      picture={picture}
      table={table}
    />
  );
}

function pathsOf(
  readings: readonly Reading[],
  from: number,
  to: number,
  top: number,
): { line: string; area: string }[] {
  const inside = readings.filter((reading) => reading.at >= from);
  if (inside.length < 2) return [];
  const steps = inside.slice(1).map((reading, at) => reading.at - inside[at]!.at);
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const runs: Reading[][] = [[]];
  inside.forEach((reading, at) => {
    if (at > 0 && reading.at - inside[at - 1]!.at > Math.max(usual * GAP, 1)) runs.push([]);
    runs.at(-1)?.push(reading);
  });
  const x = (at: number) => (((at - from) / Math.max(1, to - from)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 1 - (Math.min(value, top) / top) * (HEIGHT - 2)).toFixed(1);
  return runs
    .filter((run) => run.length > 1)
    .map((run) => {
      const line = run.map((reading, at) => `${at === 0 ? "M" : "L"}${x(reading.at)} ${y(reading.value)}`).join("");
      return { line, area: `${line}L${x(run.at(-1)!.at)} ${HEIGHT}L${x(run[0]!.at)} ${HEIGHT}Z` };
    });
}

/** The reading that is closest to a moment. */
function nearest(readings: readonly Reading[], at: number): Reading | undefined {
  const away = (reading: Reading) => Math.abs(reading.at - at);
  return readings.reduce<Reading | undefined>((best, one) => (best && away(best) <= away(one) ? best : one), undefined);
}

/** At most so many rows, evenly spread, newest first. */
const ROWS = 24;

function spread(readings: readonly Reading[]): Reading[] {
  const every = Math.max(1, Math.ceil(readings.length / ROWS));
  return readings.filter((_, at) => (readings.length - 1 - at) % every === 0).toReversed();
}
