import { describe, expect, it } from "vitest";
import type { UsageReport, UsageRow } from "../generated/bindings";
import { BANDS, chartOf, daysBetween, OTHERS } from "./days";

const row = (day: string, model: string, input: number, costMicros = 0): UsageRow => ({
  day,
  model,
  calls: 1,
  tokens: { input, output: 0 },
  costMicros,
  unpricedCalls: 0,
});
const report = (rows: UsageRow[], from = "2026-03-27", to = "2026-03-31"): UsageReport => ({
  by: "day",
  from,
  to,
  rows,
  total: { calls: rows.length, tokens: { input: 0, output: 0 }, costMicros: 0, unpricedCalls: 0 },
  limits: [],
});

describe("the days of a chart", () => {
  it("are all there, over a change of the clock and of the year", () => {
    expect(daysBetween("2026-03-27", "2026-03-31")).toEqual([
      "2026-03-27",
      "2026-03-28",
      "2026-03-29",
      "2026-03-30",
      "2026-03-31",
    ]);
    expect(daysBetween("2026-12-31", "2027-01-01")).toEqual(["2026-12-31", "2027-01-01"]);
    expect(daysBetween("2026-01-02", "2026-01-01")).toEqual([]);
  });

  it("have what was used on them, and nothing where nothing was", () => {
    const chart = chartOf(report([row("2026-03-28", "a/b", 30), row("2026-03-28", "a/c", 50)]), "tokens");
    expect(chart.series.map((one) => one.id)).toEqual(["a/c", "a/b"]);
    expect(chart.days.map((day) => day.total)).toEqual([0, 80, 0, 0, 0]);
    expect(chart.days[1]?.values).toEqual([50, 30]);
    expect(chart.top).toBe(80);
  });

  it("keep every token when small models are put together", () => {
    const rows = Array.from({ length: 12 }, (_, n) => row("2026-03-29", `p/m${n}`, n + 1));
    const chart = chartOf(report(rows), "tokens");
    expect(chart.series).toHaveLength(BANDS);
    expect(chart.series.at(-1)?.id).toBe(OTHERS);
    expect(chart.days[2]?.total).toBe(78);
  });

  it("leave out models that cost nothing when cost is shown", () => {
    const rows = [row("2026-03-29", "local/x", 900, 0), row("2026-03-29", "openai/y", 10, 400)];
    expect(chartOf(report(rows), "cost").series).toEqual([{ id: "openai/y", total: 400 }]);
  });
});
