import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Event } from "../generated/bindings";
import { apply } from "./apply";
import { emptyView, type ItemEntry, textOf } from "./view";

/** What a runtime sent to two clients of one turn: one from the beginning, one that came while the answer grew. */
const RECORDED: Record<"whole" | "fromTheMiddle", Event[]> = JSON.parse(
  readFileSync(new URL("./recorded.json", import.meta.url), "utf8"),
);

function fold(events: Event[]) {
  let view = emptyView(events[0]!.session);
  const grown = new Map<string, string>();
  for (const event of events) {
    view = apply(view, [event]);
    expect(view.gap).toBe(false);
    for (const entry of view.entries) if (entry.kind === "item" && entry.open) grown.set(entry.key, textOf(entry));
  }
  return { view, grown };
}

describe("a turn that a runtime sent", () => {
  it("grows to exactly what is completed, also for who came in the middle", () => {
    for (const events of Object.values(RECORDED)) {
      const { view, grown } = fold(events);
      const answer = view.entries.find(
        (entry) => entry.kind === "item" && entry.item.body.type === "agentMessage",
      ) as ItemEntry;
      expect(textOf(answer)).toContain("👩‍🚀 漢字");
      expect(grown.get(answer.key)).toBe(textOf(answer));
      expect([view.turn, view.approvals.size, view.entries.at(-1)?.kind]).toEqual([undefined, 0, "end"]);
    }
  });

  it("is the same in the end for both", () => {
    expect(fold(RECORDED.fromTheMiddle).view).toEqual(fold(RECORDED.whole).view);
  });
});
