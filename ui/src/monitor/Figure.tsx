/** A small picture of numbers under its name and its newest value, with a table of the same numbers behind it. */
import { type ReactNode, useId, useState } from "react";
import { useText } from "../text";

export function Figure(props: {
  name: string;
  now: string;
  about?: string | undefined;
  /** The top of its scale. */
  top?: string | undefined;
  /** What is pointed at, or what else there is to say of it. */
  here?: string | undefined;
  /** When it begins, and when it ends. */
  ends: readonly [string, string];
  picture: ReactNode;
  /** Made only when it is asked for. */
  table: () => ReactNode;
}) {
  const t = useText();
  const [asTable, setTable] = useState(false);
  const id = useId();
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption>
        <span id={id} className="chart-name">
          {props.name}
        </span>
        <button type="button" className="chart-switch" aria-pressed={asTable} onClick={() => setTable(!asTable)}>
          {asTable ? t.monitor.chart : t.monitor.table}
        </button>
      </figcaption>
      <p className="chart-now numbers">
        {props.now}
        {props.about && <span className="chart-about">{props.about}</span>}
      </p>
      {asTable ? (
        props.table()
      ) : (
        <>
          <p className="chart-scale numbers" aria-hidden="true">
            <span>{props.here}</span>
            <span>{props.top}</span>
          </p>
          {props.picture}
          <p className="chart-ends numbers" aria-hidden="true">
            {props.ends.map((end) => (
              <span key={end}>{end}</span>
            ))}
          </p>
        </>
      )}
    </figure>
  );
}

/** The table: its heads, and what stands in each row; the first of a row names it. */
export function Numbers({ heads, rows }: { heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  const t = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard
    <div className="chart-table" role="group" aria-label={t.markdown.table} tabIndex={0}>
      <table className="numbers">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no state, and two may say the same minute
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={heads[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
