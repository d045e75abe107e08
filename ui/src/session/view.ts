/** What a person sees of a session: made from events alone, never changed in place from outside. */
import type {
  Approval,
  ApprovalId,
  Attachment,
  Decision,
  Event,
  Item,
  ItemId,
  Level,
  OpId,
  Outcome,
  Session,
  SessionId,
  Settings,
  TurnId,
  Usage,
} from "../generated/bindings";

/** An item on the page. `grown` is what deltas said; a completed item has none. */
export type ItemEntry = {
  kind: "item";
  key: string;
  item: Item;
  open: boolean;
  text: Grown;
  output: Grown;
  /** When it was completed, in milliseconds since 1970. */
  endedAt?: number;
};
/** Text with its length in bytes of UTF-8, the measure of deltas. */
export type Grown = { text: string; bytes: number };
export type NoticeEntry = { kind: "notice"; key: string; level: Level; text: string; turn?: TurnId };
export type EndEntry = {
  kind: "end";
  key: string;
  turn: TurnId;
  outcome: Outcome;
  usage?: Usage;
  /** The same by model call. */
  calls?: readonly Usage[];
  model?: string;
  /** Absent where its beginning was not seen. */
  startedAt?: number;
  /** What the person said to begin it; a turn that only sums up has none. */
  prompt?: ItemId;
  at: number;
};
export type Entry = ItemEntry | NoticeEntry | EndEntry;

export type Turn = {
  id: TurnId;
  opId: OpId;
  settings: Settings;
  startedAt: number;
  usage?: Usage;
  /** The same by model call. */
  calls?: readonly Usage[];
  model?: string;
  /** What the person said to begin it; a turn that only sums up has none. */
  prompt?: ItemId;
};

export type SessionView = {
  id: SessionId;
  /** The newest `seq` that was seen; 0 before the first event. */
  seq: number;
  /** Something before what came is missing: the stream must be asked again from `seq`. */
  gap: boolean;
  /** It was deleted; what was seen of it stays. */
  gone?: true;
  session?: Session;
  entries: readonly Entry[];
  /** Where each item is in `entries`. */
  places: ReadonlyMap<ItemId, number>;
  /** Questions that wait, by item. */
  approvals: ReadonlyMap<ItemId, Approval>;
  /** How the last questions were answered, by item. */
  decisions: ReadonlyMap<ItemId, Decision>;
  /** The turn that runs. */
  turn?: Turn;
  /** Usage of the newest model call, for how full the window is. */
  usage?: Usage;
  /** Model calls of all turns, by the model that made them: what one costs depends on its length. */
  spent: ReadonlyMap<string, readonly Usage[]>;
};

export const NOTHING: Grown = { text: "", bytes: 0 };

export function emptyView(id: SessionId): SessionView {
  return {
    id,
    seq: 0,
    gap: false,
    entries: [],
    places: new Map(),
    approvals: new Map(),
    decisions: new Map(),
    spent: new Map(),
  };
}

/** The text of an open or completed item. */
export function textOf(entry: ItemEntry): string {
  const { body } = entry.item;
  if (body.type === "toolCall") return "";
  return entry.open ? entry.text.text : body.text;
}

export function isWaiting(view: SessionView): boolean {
  return view.approvals.size > 0;
}

/** What began a turn: words with their files, or the wish for a summary of what was said so far. */
export type Begun = { type: "words"; text: string; attachments: readonly Attachment[] } | { type: "summary" };

/** What the person said last, and when in milliseconds since 1970; nothing if that is not here. */
export function lastSaid({ entries }: SessionView): { text: string; at: number } {
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at]!;
    if (entry.kind === "item" && entry.item.body.type === "userMessage")
      return { text: entry.item.body.text, at: entry.item.at };
  }
  return { text: "", at: 0 };
}

/** The newest turn that is over. */
export function lastEnd({ entries }: SessionView): EndEntry | undefined {
  return entries.findLast((entry) => entry.kind === "end");
}

/** What began a turn, for trying again; nothing where its beginning is not here, or where there is nothing to do again. */
export function begunBy(end: EndEntry, { entries, places }: SessionView): Begun | undefined {
  if (end.startedAt === undefined) return undefined;
  // What is summed up is summed up.
  if (end.prompt === undefined) return end.outcome.type === "completed" ? undefined : { type: "summary" };
  const entry = entries[places.get(end.prompt) ?? -1];
  if (entry?.kind !== "item" || entry.item.body.type !== "userMessage") return undefined;
  const { text, attachments } = entry.item.body;
  return { type: "words", text, attachments: attachments ?? [] };
}

/** What began the last turn. */
export function lastBegun(view: SessionView): Begun | undefined {
  const end = lastEnd(view);
  return end && begunBy(end, view);
}

export type { ApprovalId, Event };
