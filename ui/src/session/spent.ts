/** What model calls used, and what they cost where the price is known. */
import type { Model, Price, Usage } from "../generated/bindings";

const FIELDS = ["input", "cached", "cacheWritten", "output", "reasoning"] as const;

const per = (one: Usage, other: Usage, join: (a: number, b: number) => number): Usage => {
  const all: Usage = { input: 0, output: 0 };
  for (const field of FIELDS) all[field] = join(one[field] ?? 0, other[field] ?? 0);
  return all;
};

/** What came on top of a sum; a sum that is smaller than before has begun anew. */
export function since(now: Usage, before: Usage | undefined): Usage {
  if (!before || now.input < before.input || now.output < before.output) return now;
  return per(now, before, (a, b) => Math.max(0, a - b));
}

/** A price, where it is known; weights on this computer cost nothing. */
export function priceOf(model: Model | undefined): Price | undefined {
  if (model?.weights) return { input: 0, cached: 0, cacheWritten: 0, output: 0 };
  return model?.price ?? undefined;
}

/** What holds for a call that sends so many tokens: a long one costs more as a whole. */
function priceAt(price: Price, input: number): Omit<Price, "above"> {
  return price.above && input > price.above.tokens ? price.above : price;
}

/** Of one call, in millionths of a dollar: prices are dollars for a million tokens. */
export function costOf(usage: Usage, whole: Price): number {
  const price = priceAt(whole, usage.input);
  const cached = usage.cached ?? 0;
  const written = usage.cacheWritten ?? 0;
  const plain = Math.max(0, usage.input - cached - written);
  const input = price.input ?? 0;
  return (
    plain * input +
    cached * (price.cached ?? input) +
    written * (price.cacheWritten ?? input) +
    usage.output * (price.output ?? 0)
  );
}

export type Cost = { micros: number; isWhole: boolean };

/** Calls are summed one by one, since each has the price of its own length. */
export function costOfAll(calls: readonly Usage[], price: Price): number {
  return calls.reduce((sum, usage) => sum + costOf(usage, price), 0);
}

/** What a session cost so far; undefined when no price of it is known. */
export function spentOn(spent: ReadonlyMap<string, readonly Usage[]>, models: readonly Model[]): Cost | undefined {
  let micros = 0;
  let priced = 0;
  for (const [id, calls] of spent) {
    const price = priceOf(models.find((model) => model.id === id));
    if (!price) continue;
    priced++;
    micros += costOfAll(calls, price);
  }
  return priced === 0 ? undefined : { micros, isWhole: priced === spent.size };
}
