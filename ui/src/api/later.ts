/**
 * Types of the protocol that no command of the generated bindings names yet; the same as `usage.rs` and `key.rs` there.
 * They go when the bindings have them.
 */
import type { ApiError, Usage } from "../generated/bindings";

export type UsageBy = "day" | "model" | "session";

/** A sum of model calls. */
export type UsageTotal = {
  calls: number;
  tokens: Usage;
  /** Millionths of a US dollar, of the calls whose price is known. */
  costMicros: number;
  unpricedCalls: number;
};

/** One row of a report; what its kind does not tell apart is absent. */
export type UsageRow = UsageTotal & {
  /** `2026-11-26`, a day of the person's calendar. */
  day?: string | null;
  /** `provider/model`. */
  model?: string | null;
  session?: string | null;
  /** The session's name; absent once it is deleted. */
  name?: string | null;
};

/** A limit that is set, and how far it is used: tokens, or millionths of a US dollar. */
export type LimitUse = { key: string; used: number; most: number };

export type UsageReport = {
  by: UsageBy;
  from: string;
  to: string;
  rows: UsageRow[];
  total: UsageTotal;
  limits: LimitUse[];
};

/** Where a key is kept now, and what outranks it. */
export type KeyKept = { place: string; outrankedBy?: string | null };

export type ProviderTest = { tookMs: number; models?: number | null; error?: ApiError | null };

export type FoundFile = { path: string; isFolder: boolean };
