/** A table of the monitor under its heading; it scrolls where it is wider than the page. */
import type { ReactNode } from "react";

export type Head = { name: string; isNumber?: boolean };

export function Table({ title, heads, children }: { title: string; heads: readonly Head[]; children: ReactNode }) {
  return (
    <section className="monitor-section" aria-label={title}>
      <h2>{title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div className="table" role="group" aria-label={title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {heads.map(({ name, isNumber }) => (
                <th key={name} scope="col" {...(isNumber ? { "data-align": "right" } : {})}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </section>
  );
}
