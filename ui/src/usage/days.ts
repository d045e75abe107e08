/** From the rows of a report to what a chart draws: every day of the time, and few enough series to tell apart. */
import type { UsageReport, UsageRow, UsageTotal } from "../generated/bindings";
import { roundUp } from "../text/units";

export type Measure = "cost" | "tokens";

/** One band of the chart: a model, or all the small ones together. */
export type Series = { id: string; total: number };
export type Day = { day: string; values: readonly number[]; total: number };
export type Chart = { series: readonly Series[]; days: readonly Day[]; top: number };

/** More bands than this cannot be told apart. */
export const BANDS = 5;
/** The band of all the others. */
export const OTHERS = "";

export function measured(total: UsageTotal, measure: Measure): number {
  return measure === "cost" ? total.costMicros : total.tokens.input + total.tokens.output;
}

const DAY_MS = 86_400_000;
/** A calendar day has no time zone; noon keeps clear of any change of the clock. */
export const noonOf = (day: string): number => Date.parse(`${day}T12:00:00Z`);

/** Every day from the first to the last, both covered. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  const end = noonOf(to);
  for (let at = noonOf(from); at <= end && days.length < 1000; at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function seriesOf(rows: readonly UsageRow[], measure: Measure): Series[] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const model = row.model ?? OTHERS;
    sums.set(model, (sums.get(model) ?? 0) + measured(row, measure));
  }
  const all = [...sums]
    .map(([id, total]) => ({ id, total }))
    .filter((one) => one.total > 0)
    .sort((a, b) => b.total - a.total || a.id.localeCompare(b.id));
  if (all.length <= BANDS) return all;
  const rest = all.slice(BANDS - 1).reduce((sum, one) => sum + one.total, 0);
  return [...all.slice(0, BANDS - 1), { id: OTHERS, total: rest }];
}

export function chartOf(report: UsageReport, measure: Measure): Chart {
  const series = seriesOf(report.rows, measure);
  const place = new Map(series.map((one, at) => [one.id, at]));
  const others = place.get(OTHERS);
  const days = new Map(daysBetween(report.from, report.to).map((day) => [day, series.map(() => 0)]));
  for (const row of report.rows) {
    const at = place.get(row.model ?? OTHERS) ?? others;
    const values = row.day ? days.get(row.day) : undefined;
    if (at !== undefined && values) values[at] = (values[at] ?? 0) + measured(row, measure);
  }
  const shown = [...days].map(([day, values]) => ({ day, values, total: values.reduce((sum, one) => sum + one, 0) }));
  return { series, days: shown, top: roundUp(Math.max(0, ...shown.map((day) => day.total))) };
}
