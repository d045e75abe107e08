/** What stands on the page, in order: entries, words that are on their way, and the sign that something works. */
import type { Followed, Pending } from "../session/store";
import type { EndEntry, Entry, ItemEntry, NoticeEntry } from "../session/view";

export type Row =
  | { kind: "item"; key: string; entry: ItemEntry; gap: number; saysWhy: boolean }
  | { kind: "notice"; key: string; entry: NoticeEntry; gap: number }
  | { kind: "end"; key: string; entry: EndEntry; answer: string; gap: number; isLast: boolean }
  | { kind: "pending"; key: string; pending: Pending; gap: number }
  | { kind: "working"; key: string; gap: number };

type Sort = "user" | "answer" | "tool" | "aside" | "notice" | "end" | "none";

function sortOf(entry: Entry): Sort {
  if (entry.kind !== "item") return entry.kind;
  switch (entry.item.body.type) {
    case "userMessage":
      return "user";
    case "agentMessage":
      return "answer";
    case "toolCall":
      return "tool";
    default:
      return "aside";
  }
}

/** The space above, in pixels: what belongs together stands together. */
function gapBetween(above: Sort, below: Sort): number {
  if (above === "none") return 24;
  if (below === "end") return 4;
  if (below === "user") return 32;
  if (above === "user") return 20;
  const isSmall = (sort: Sort) => sort === "tool" || sort === "aside";
  if (isSmall(above) && isSmall(below)) return 4;
  return 16;
}

/** Whether two notices differ in their numbers alone. */
function saysTheSame(one: Entry, other: Entry | undefined): boolean {
  if (one.kind !== "notice" || other?.kind !== "notice") return false;
  const words = (text: string) => text.replace(/\d+/g, "");
  return words(one.text) === words(other.text);
}

export function rowsOf({ view, pending }: Followed): Row[] {
  const rows: Row[] = [];
  let above: Sort = "none";
  let answer = "";
  const last = view.entries.length - 1;
  view.entries.forEach((entry, at) => {
    const sort = sortOf(entry);
    if (entry.kind === "item") {
      const { body } = entry.item;
      if (body.type === "userMessage") answer = "";
      if (body.type === "agentMessage") answer = answer ? `${answer}\n\n${body.text}` : body.text;
      // Nothing was said yet: the sign that it works says enough.
      if (entry.open && body.type === "agentMessage" && entry.text.bytes === 0) return;
      if (!entry.open && (body.type === "agentMessage" || body.type === "reasoning") && body.text === "") return;
    }
    const next = view.entries[at + 1];
    // Of one try after the other only the newest tells anything.
    if (saysTheSame(entry, next)) return;
    const gap = gapBetween(above, sort);
    above = sort;
    // A turn that ended badly says by itself why the answer stops.
    const saysWhy = next?.kind === "end" && next.outcome.type !== "completed";
    if (entry.kind === "item") rows.push({ kind: "item", key: entry.key, entry, gap, saysWhy });
    else if (entry.kind === "notice") rows.push({ kind: "notice", key: entry.key, entry, gap });
    else {
      const isLast = at === last && !view.turn && pending.length === 0;
      rows.push({ kind: "end", key: entry.key, entry, answer, gap, isLast });
    }
  });
  for (const one of pending) {
    rows.push({ kind: "pending", key: one.opId, pending: one, gap: gapBetween(above, "user") });
    above = "user";
  }
  const newest = view.entries[last];
  const isOpen =
    newest?.kind === "item" && newest.open && (newest.item.body.type !== "agentMessage" || newest.text.bytes > 0);
  if ((view.turn || pending.some((one) => !one.isSteer && !one.isUnanswered)) && !isOpen && view.approvals.size === 0) {
    rows.push({ kind: "working", key: "working", gap: gapBetween(above, "aside") });
  }
  return rows;
}
