/** A bar for each day, stacked by model, with a table of the same numbers behind it. */
import { type PointerEvent, useId, useState } from "react";
import { shortModel } from "../composer/models";
import { useText } from "../text";
import { day as dayName } from "../text/units";
import { type Chart, OTHERS } from "./days";

const HEIGHT = 160;
/** The space between two bars, as a share of one. */
const GAP = 0.28;

export function Bars(props: {
  chart: Chart;
  show: (value: number) => string;
  /** What is measured, in a word. */
  name: string;
}) {
  const t = useText();
  const { chart, show } = props;
  const [asTable, setTable] = useState(false);
  const [at, setAt] = useState<number>();
  const id = useId();
  const { days, series, top } = chart;
  const nameOf = (model: string) => (model === OTHERS ? t.usage.others : shortModel(model));
  const sum = days.reduce((all, one) => all + one.total, 0);
  const busiest = days.reduce((most, one) => (one.total > most.total ? one : most), days[0]!);
  const over = at === undefined ? undefined : days[at];
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * days.length);
    setAt(Math.min(days.length - 1, Math.max(0, place)));
  };
  const ends = [days[0], days[Math.floor((days.length - 1) / 2)], days.at(-1)].flatMap((one) => (one ? [one.day] : []));

  return (
    <figure className="chart bars" aria-labelledby={id}>
      <figcaption>
        <span id={id} className="chart-name">
          {t.usage.byDay(props.name)}
        </span>
        <button type="button" className="chart-switch" aria-pressed={asTable} onClick={() => setTable(!asTable)}>
          {asTable ? t.monitor.chart : t.monitor.table}
        </button>
      </figcaption>
      {asTable ? (
        <Table chart={chart} show={show} nameOf={nameOf} name={props.name} />
      ) : (
        <>
          <p className="bars-over numbers" aria-hidden="true">
            {over && (
              <>
                <span className="bars-day">{dayName(over.day, true)}</span>
                <span>{show(over.total)}</span>
                {over.values.map((value, band) =>
                  value > 0 ? (
                    <span key={series[band]?.id} className="bars-part">
                      <i className="swatch" data-band={bandOf(series[band]?.id ?? OTHERS, band)} />
                      {nameOf(series[band]?.id ?? OTHERS)} {show(value)}
                    </span>
                  ) : null,
                )}
              </>
            )}
          </p>
          <div className="bars-plot">
            <svg
              viewBox={`0 0 ${days.length} ${HEIGHT}`}
              preserveAspectRatio="none"
              role="img"
              aria-label={t.usage.chartLabel(props.name, show(sum), dayName(busiest.day, true), show(busiest.total))}
              onPointerMove={point}
              onPointerLeave={() => setAt(undefined)}
            >
              <line className="bars-rule" x1="0" x2={days.length} y1="0.5" y2="0.5" />
              <line className="bars-rule" x1="0" x2={days.length} y1={HEIGHT / 2} y2={HEIGHT / 2} />
              {at !== undefined && <rect className="bars-here" x={at} y="0" width="1" height={HEIGHT} />}
              {days.map((one, place) => {
                let floor = HEIGHT;
                return one.values.map((value, band) => {
                  const height = (value / top) * HEIGHT;
                  floor -= height;
                  if (value <= 0) return null;
                  const model = series[band]?.id ?? OTHERS;
                  return (
                    <rect
                      key={`${one.day} ${model}`}
                      className="band"
                      data-band={bandOf(model, band)}
                      x={place + GAP / 2}
                      width={1 - GAP}
                      y={floor}
                      // A pixel of the page between two bands.
                      height={Math.max(0.75, height - 1)}
                    />
                  );
                });
              })}
              <line className="chart-floor" x1="0" x2={days.length} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
            </svg>
            <span className="bars-at numbers" aria-hidden="true">
              {show(top)}
            </span>
            <span className="bars-at half numbers" aria-hidden="true">
              {show(top / 2)}
            </span>
            <p className="bars-ends numbers" aria-hidden="true">
              {[...new Set(ends)].map((day) => (
                <span key={day}>{dayName(day)}</span>
              ))}
            </p>
          </div>
        </>
      )}
    </figure>
  );
}

/** The tone of a band; what stands for many has its own. */
export function bandOf(model: string, at: number): string {
  return model === OTHERS ? "others" : String(at);
}

function Table(props: {
  chart: Chart;
  show: (value: number) => string;
  nameOf: (model: string) => string;
  name: string;
}) {
  const t = useText();
  const { series, days } = props.chart;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard
    <div className="table bars-table" role="group" aria-label={t.usage.byDay(props.name)} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.usage.day}</th>
            <th scope="col" data-align="right">
              {t.usage.total}
            </th>
            {series.map((one) => (
              <th key={one.id} scope="col" data-align="right">
                {props.nameOf(one.id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((one) => (
            <tr key={one.day}>
              <td>{dayName(one.day, true)}</td>
              <td data-align="right">{props.show(one.total)}</td>
              {one.values.map((value, band) => (
                <td key={series[band]?.id} data-align="right">
                  {props.show(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
