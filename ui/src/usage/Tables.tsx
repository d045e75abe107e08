/** What each model and each session used: the chart's colours by name, and every number. */
import { type ReactNode, useState } from "react";
import type { UsageRow, UsageTotal } from "../generated/bindings";
import { visible } from "../parts/visible";
import { go } from "../state/place";
import { sessions, titleOf } from "../state/sessions";
import { useStore } from "../state/store";
import { useText } from "../text";
import { money, number, tokens } from "../text/units";
import { bandOf } from "./Bars";
import { type Chart, OTHERS } from "./days";

/** More rows than anybody reads at once. */
const SHOWN = 12;

export function ByModel({ rows, chart }: { rows: readonly UsageRow[]; chart: Chart }) {
  const t = useText();
  const band = (model: string) => {
    const at = chart.series.findIndex((one) => one.id === model);
    if (at >= 0) return bandOf(model, at);
    return chart.series.some((one) => one.id === OTHERS) ? "others" : undefined;
  };
  return (
    <Table
      title={t.usage.models}
      head={t.composer.model}
      rows={rows}
      keyOf={(row) => row.model ?? ""}
      name={(row) => {
        const tone = band(row.model ?? "");
        return (
          <>
            <i className="swatch" {...(tone === undefined ? { hidden: true } : { "data-band": tone })} />
            {visible(row.model ?? t.usage.unknown)}
          </>
        );
      }}
    />
  );
}

export function BySession({ rows }: { rows: readonly UsageRow[] }) {
  const t = useText();
  const { list } = useStore(sessions);
  return (
    <Table
      title={t.usage.sessions}
      head={t.usage.session}
      rows={rows}
      keyOf={(row) => row.session ?? ""}
      name={(row) => {
        const { session } = row;
        const known = list.find((one) => one.id === session);
        const name = known ? titleOf(known) : row.name;
        if (!session) return <span className="quiet">{t.usage.trials}</span>;
        if (!name) return <span className="quiet">{t.usage.deleted}</span>;
        return (
          <button type="button" className="usage-open" onClick={() => go({ name: "session", id: session })}>
            {visible(name)}
          </button>
        );
      }}
    />
  );
}

function Table(props: {
  title: string;
  head: string;
  rows: readonly UsageRow[];
  keyOf: (row: UsageRow) => string;
  name: (row: UsageRow) => ReactNode;
}) {
  const t = useText();
  const [all, setAll] = useState(false);
  const { rows } = props;
  const shown = all ? rows : rows.slice(0, SHOWN);
  // Where there is little room, what went in and what came out share a column.
  const heads: [name: string, room?: "wide" | "narrow"][] = [
    [t.usage.cost],
    [t.usage.calls],
    [t.usage.input, "wide"],
    [t.usage.cached, "wide"],
    [t.usage.output, "wide"],
    [t.usage.both, "narrow"],
  ];
  return (
    <section className="monitor-section" aria-label={props.title}>
      <h2>{props.title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div className="table usage-table" role="group" aria-label={props.title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{props.head}</th>
              {heads.map(([name, room]) => (
                <th key={name} scope="col" data-align="right" data-room={room}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={props.keyOf(row)}>
                <th scope="row" className="usage-name">
                  <span>{props.name(row)}</span>
                </th>
                <td data-align="right">
                  <Cost total={row} />
                </td>
                <td data-align="right">{number(row.calls)}</td>
                <td data-align="right" data-room="wide">
                  {tokens(row.tokens.input)}
                </td>
                <td data-align="right" data-room="wide">
                  {tokens(row.tokens.cached ?? 0)}
                </td>
                <td data-align="right" data-room="wide">
                  {tokens(row.tokens.output)}
                </td>
                <td data-align="right" data-room="narrow">
                  {`${tokens(row.tokens.input)} / ${tokens(row.tokens.output)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < rows.length && (
        <button type="button" className="button plain usage-more" onClick={() => setAll(true)}>
          {t.usage.showAll(rows.length)}
        </button>
      )}
    </section>
  );
}

/** A cost as far as it is known; never a nought for what nobody knows. */
export function Cost({ total }: { total: UsageTotal }) {
  const t = useText();
  if (total.unpricedCalls === 0) return money(total.costMicros);
  if (total.unpricedCalls >= total.calls) return <span className="quiet">{t.usage.unpriced}</span>;
  return <span title={t.usage.unpricedSome(total.unpricedCalls)}>{t.usage.atLeast(money(total.costMicros))}</span>;
}
