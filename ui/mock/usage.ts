/** What the scripted runtime says was used. `?usage=` takes empty, failing, slow and many. */
import type { ApiError, UsageBy, UsageReport, UsageRow, UsageTotal } from "../src/generated/bindings";
import { CLOUD, LOCAL, type World } from "./world";

const DAY_MS = 86_400_000;
const PRICED: [string, number, number][] = [
  // Model, tokens on a usual day, millionths of a dollar a token.
  [CLOUD, 640_000, 0.42],
  ["anthropic/claude-sonnet", 210_000, 3.6],
  [LOCAL, 120_000, 0],
  ["home-server/qwen3-30b", 52_000, -1],
];
const MANY = Array.from({ length: 14 }, (_, n): [string, number, number] => [
  `a-provider-with-a-long-name/a-model-with-a-very-long-name-${n + 1}`,
  20_000 * (n + 1),
  n % 3 === 0 ? -1 : 1.1,
]);

const isoDay = (at: number) => {
  const day = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
};

function total(tokens: number, price: number): UsageTotal {
  const calls = Math.max(1, Math.round(tokens / 9000));
  const input = Math.round(tokens * 0.88);
  return {
    calls,
    tokens: { input, cached: Math.round(input * 0.61), output: tokens - input, reasoning: 0 },
    costMicros: price < 0 ? 0 : Math.round(tokens * price),
    unpricedCalls: price < 0 ? calls : 0,
  };
}

function sum(rows: readonly UsageTotal[]): UsageTotal {
  const all = total(0, 0);
  all.calls = 0;
  for (const row of rows) {
    all.calls += row.calls;
    all.costMicros += row.costMicros;
    all.unpricedCalls += row.unpricedCalls;
    all.tokens.input += row.tokens.input;
    all.tokens.output += row.tokens.output;
    all.tokens.cached = (all.tokens.cached ?? 0) + (row.tokens.cached ?? 0);
  }
  return all;
}

export async function usageOf(world: World, wanted: string | null, by: UsageBy, days: number): Promise<UsageReport> {
  if (wanted === "failing") {
    const error: ApiError = {
      code: "storage",
      message: "the ledger could not be read",
      hint: "look at it with `jamey doctor`",
      retryable: true,
    };
    throw error;
  }
  if (wanted === "slow") await new Promise(() => {});
  const now = Date.now();
  const models = wanted === "many" ? MANY : PRICED;
  const daily: UsageRow[] = [];
  for (let ago = 0; ago < days && wanted !== "empty"; ago++) {
    const at = now - ago * DAY_MS;
    const weekday = new Date(at).getDay();
    const busy = weekday === 0 || weekday === 6 ? 0.2 : 0.6 + 0.4 * Math.abs(Math.sin(ago * 1.7));
    models.forEach(([model, tokens, price], n) => {
      if ((ago + n) % (n + 2) === n + 1) return;
      daily.push({ day: isoDay(at), model, ...total(Math.round(tokens * busy), price) });
    });
  }
  const all = sum(daily);
  const rows: Record<UsageBy, () => UsageRow[]> = {
    day: () => daily,
    model: () =>
      models
        .map(([model]) => ({ model, ...sum(daily.filter((row) => row.model === model)) }))
        .filter((row) => row.calls > 0)
        .sort((a, b) => b.costMicros - a.costMicros || b.calls - a.calls),
    session: () => {
      if (daily.length === 0) return [];
      const sessions = [...world.sessions.values()].slice(0, 30);
      const named = sessions.map(({ session }, n) => ({
        session: session.id,
        name: session.name ?? session.title ?? null,
        ...total(Math.round(1_800_000 / (n + 1)), n % 7 === 5 ? -1 : 0.6),
      }));
      return [...named, { session: "gone", ...total(240_000, 0.6) }];
    },
  };
  return {
    by,
    from: isoDay(now - (days - 1) * DAY_MS),
    to: isoDay(now),
    rows: rows[by](),
    total: all,
    limits:
      wanted === "empty"
        ? []
        : [
            { key: "limits.day_cost", used: 4_310_000, most: 5_000_000 },
            { key: "limits.month_cost", used: 18_200_000, most: 60_000_000 },
            { key: "limits.day_tokens", used: 1_020_000, most: 1_000_000 },
          ],
  };
}
