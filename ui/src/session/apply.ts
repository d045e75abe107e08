/**
 * Folds events into a view. Pure: the same events give the same view, however they were cut into batches.
 * A completed item is authoritative; deltas only let it be seen while it grows.
 */
import type { Delta, Event, Item, ItemId, Usage } from "../generated/bindings";
import { afterBytes, byteLength } from "./bytes";
import { since } from "./spent";
import { type Entry, type Grown, type ItemEntry, NOTHING, type SessionView } from "./view";

/** How much of a running tool's output is kept, in UTF-16 units. */
const WATCHED = 100_000;

/** A view whose collections are copied once, when first written to. */
class Draft {
  readonly view: SessionView;
  private owned = new Set<unknown>();

  constructor(from: SessionView) {
    this.view = { ...from };
  }

  entries(): Entry[] {
    return this.own("entries", () => this.view.entries.slice()) as Entry[];
  }

  places(): Map<ItemId, number> {
    return this.own("places", () => new Map(this.view.places)) as Map<ItemId, number>;
  }

  approvals() {
    return this.own("approvals", () => new Map(this.view.approvals)) as Map<ItemId, never>;
  }

  decisions() {
    return this.own("decisions", () => new Map(this.view.decisions)) as Map<ItemId, never>;
  }

  /** The calls of a model. */
  calls(model: string): Usage[] {
    const spent = this.own("spent", () => new Map(this.view.spent)) as Map<string, Usage[]>;
    let calls = spent.get(model);
    if (!calls || !this.owned.has(calls)) {
      calls = [...(calls ?? [])];
      this.owned.add(calls);
      spent.set(model, calls);
    }
    return calls;
  }

  private own<K extends keyof SessionView>(name: K, copy: () => SessionView[K]): SessionView[K] {
    if (!this.owned.has(name)) {
      this.owned.add(name);
      this.view[name] = copy();
    }
    return this.view[name];
  }
}

/** Folds events in. What was seen before is skipped; a later kind is skipped; a gap stops the fold and is told. */
export function apply(from: SessionView, events: readonly Event[]): SessionView {
  const draft = new Draft(from);
  draft.view.gap = false;
  for (const event of events) {
    if (event.session !== from.id) continue;
    if (typeof event.seq === "number") {
      if (event.seq <= draft.view.seq) continue;
      if (event.seq > draft.view.seq + 1) {
        draft.view.gap = true;
        break;
      }
      draft.view.seq = event.seq;
    }
    if (!one(draft, event)) {
      draft.view.gap = true;
      break;
    }
  }
  return draft.view;
}

/** Folds one event in; false if something before it is missing. */
function one(draft: Draft, event: Event): boolean {
  const { view } = draft;
  const { body } = event;
  switch (body.type) {
    case "sessionDeleted":
      // Nothing of it goes on, and nobody can be answered.
      view.gone = true;
      delete view.turn;
      if (view.approvals.size > 0) draft.approvals().clear();
      break;
    case "sessionUpdated":
      view.session = body.session;
      break;
    case "turnStarted":
      if (event.turn) {
        view.turn = { id: event.turn, opId: body.opId, settings: body.settings, startedAt: event.at };
      }
      break;
    case "itemStarted":
      put(draft, { ...opened(body.item), open: true });
      break;
    case "itemCompleted":
      complete(draft, body.item, event.at);
      break;
    case "itemDelta":
      return grow(draft, body.itemId, body.delta);
    case "approvalRequested":
      draft.approvals().set(body.approval.itemId, body.approval as never);
      break;
    case "approvalResolved":
      for (const [item, approval] of view.approvals) {
        if (approval.id !== body.approvalId) continue;
        draft.approvals().delete(item);
        draft.decisions().set(item, body.decision as never);
      }
      break;
    case "usageUpdated":
      // Each tells the sum of its turn so far.
      view.usage = since(body.usage, view.turn?.usage);
      spend(draft, view.usage);
      if (view.turn) view.turn = { ...view.turn, usage: body.usage, calls: [...(view.turn.calls ?? []), view.usage] };
      break;
    case "notice":
      draft.entries().push({
        kind: "notice",
        key: `n${event.seq ?? event.at}`,
        level: body.level,
        text: body.text,
        ...(event.turn ? { turn: event.turn } : {}),
      });
      break;
    case "turnEnded": {
      const turn = view.turn?.id === event.turn ? view.turn : undefined;
      if (view.approvals.size > 0) draft.approvals().clear();
      draft.entries().push({
        kind: "end",
        key: `e${event.seq ?? event.at}`,
        turn: event.turn ?? "",
        outcome: body.outcome,
        at: event.at,
        ...(turn?.usage ? { usage: turn.usage } : {}),
        ...(turn?.calls ? { calls: turn.calls } : {}),
        ...(turn?.model ? { model: turn.model } : {}),
        ...(turn ? { startedAt: turn.startedAt } : {}),
        ...(turn?.prompt ? { prompt: turn.prompt } : {}),
      });
      delete view.turn;
      break;
    }
    default:
      // A kind of a later version.
      break;
  }
  return true;
}

function spend(draft: Draft, usage: Usage): void {
  const { turn } = draft.view;
  const model = turn?.model ?? turn?.settings.model ?? "";
  draft.calls(model).push(usage);
}

function opened(item: Item): ItemEntry {
  return { kind: "item", key: item.id, item, open: true, text: NOTHING, output: NOTHING };
}

function put(draft: Draft, entry: ItemEntry): void {
  const place = draft.view.places.get(entry.item.id);
  if (place === undefined) {
    draft.places().set(entry.item.id, draft.entries().push(entry) - 1);
  } else {
    const before = draft.view.entries[place] as ItemEntry;
    draft.entries()[place] = { ...entry, text: before.text, output: before.output };
  }
  note(draft, entry.item);
}

function complete(draft: Draft, item: Item, at: number): void {
  const place = draft.view.places.get(item.id);
  const entry: ItemEntry = { ...opened(item), open: false, endedAt: at };
  if (place === undefined) draft.places().set(item.id, draft.entries().push(entry) - 1);
  else draft.entries()[place] = entry;
  if (draft.view.approvals.has(item.id)) draft.approvals().delete(item.id);
  note(draft, item);
}

/** Which model speaks is said by what it said, and what began a turn is what the person said in it first. */
function note(draft: Draft, item: Item): void {
  const { turn } = draft.view;
  if (turn && turn.id === item.turn && !turn.prompt && item.body.type === "userMessage") {
    draft.view.turn = { ...turn, prompt: item.id };
  }
  if (turn && "model" in item.body && item.body.model && turn.model !== item.body.model) {
    draft.view.turn = { ...turn, model: item.body.model };
  }
}

function grow(draft: Draft, id: ItemId, delta: Delta): boolean {
  const place = draft.view.places.get(id);
  const entry = place === undefined ? undefined : (draft.view.entries[place] as ItemEntry);
  // A delta that overtook its item, or that comes after its end, adds nothing that completion does not.
  if (place === undefined || !entry?.open) return true;
  const before = delta.type === "output" ? entry.output : entry.text;
  const after = joined(before, delta);
  if (after === "gap") return false;
  if (after !== before) {
    draft.entries()[place] = delta.type === "output" ? { ...entry, output: newest(after) } : { ...entry, text: after };
  }
  return true;
}

/** What a tool prints is for watching: of a flood only the newest part is kept, its place stays right. */
function newest(output: Grown): Grown {
  return output.text.length > 2 * WATCHED ? { ...output, text: output.text.slice(-WATCHED) } : output;
}

function joined(before: Grown, delta: Delta): Grown | "gap" {
  if (delta.offset > before.bytes) return "gap";
  const bytes = byteLength(delta.text);
  const end = delta.offset + bytes;
  if (end <= before.bytes) return before;
  const fresh = delta.offset === before.bytes ? delta.text : afterBytes(delta.text, before.bytes - delta.offset);
  return fresh === undefined ? before : { text: before.text + fresh, bytes: end };
}
