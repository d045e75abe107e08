import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event, EventBody, Item } from "../generated/bindings";
import { apply } from "./apply";
import { afterBytes, byteLength } from "./bytes";
import { emptyView, type ItemEntry, textOf } from "./view";

const S = "019a0000-0000-7000-8000-000000000001";
const T = "turn";

function event(seq: number | null, body: EventBody): Event {
  return { session: S, ...(seq === null ? {} : { seq }), at: 1000 + (seq ?? 0), turn: T, body };
}
function answer(text: string, partial = false): Item {
  return { id: "a", turn: T, step: 1, at: 5, body: { type: "agentMessage", text, model: "p/m", partial } };
}
function delta(offset: number, text: string): Event {
  return event(null, { type: "itemDelta", itemId: "a", delta: { type: "text", offset, text } });
}
const started = event(1, { type: "itemStarted", item: answer("") });
const shown = (view: ReturnType<typeof emptyView>) => textOf(view.entries[0] as ItemEntry);

const words = fc.array(fc.constantFrom("a", "é", "漢", "👩‍🚀", "\n", "ß̈", "`", "𝒳"), { minLength: 1, maxLength: 40 });

describe("bytes", () => {
  it("are counted as UTF-8 counts them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });

  it("cut only between characters", () => {
    expect(afterBytes("é漢👩x", 2)).toBe("漢👩x");
    expect(afterBytes("é漢👩x", 5)).toBe("👩x");
    expect(afterBytes("é漢👩x", 9)).toBe("x");
    expect(afterBytes("é漢👩x", 1)).toBeUndefined();
    expect(afterBytes("é", 7)).toBeUndefined();
  });
});

describe("a view", () => {
  it("of a session that is deleted keeps what was seen, and nothing in it runs or asks any more", () => {
    const approval = { id: "q", callId: "c", itemId: "a", question: "", accesses: [], choices: [] };
    const running = [
      event(1, { type: "turnStarted", opId: "o", settings: {} }),
      event(2, { type: "itemCompleted", item: answer("said") }),
      event(3, { type: "approvalRequested", approval }),
    ];
    const view = apply(apply(emptyView(S), running), [event(null, { type: "sessionDeleted" })]);
    expect(view).toMatchObject({ gone: true, seq: 3, gap: false });
    expect(view.turn).toBeUndefined();
    expect(view.approvals.size).toBe(0);
    expect(shown(view)).toBe("said");
  });

  it("is the same however deltas are cut, repeated and overlapped", () => {
    fc.assert(
      fc.property(words, fc.array(fc.nat(), { maxLength: 30 }), (pieces, picks) => {
        const whole = pieces.join("");
        const sent: Event[] = [];
        let offset = 0;
        pieces.forEach((piece, at) => {
          sent.push(delta(offset, piece));
          offset += byteLength(piece);
          // Now and then everything from an earlier place comes again, as after a reconnect.
          const pick = picks[at];
          if (pick !== undefined) {
            const from = pick % (at + 1);
            const again = pieces.slice(from, at + 1).join("");
            sent.push(delta(byteLength(pieces.slice(0, from).join("")), again));
          }
        });
        let view = apply(emptyView(S), [started]);
        const cut = picks[0] === undefined ? 1 : (picks[0] % sent.length) + 1;
        view = apply(view, sent.slice(0, cut));
        view = apply(view, sent.slice(cut));
        expect(view.gap).toBe(false);
        expect(shown(view)).toBe(whole);
        expect((view.entries[0] as ItemEntry).text.bytes).toBe(byteLength(whole));
      }),
    );
  });

  it("takes what is open so far when it attaches in the middle", () => {
    const view = apply(emptyView(S), [started, delta(0, "Grüße, 世"), delta(byteLength("Grüße, 世"), "界")]);
    expect(shown(view)).toBe("Grüße, 世界");
  });

  it("asks again when a delta is missing before one", () => {
    const view = apply(emptyView(S), [started, delta(0, "ab"), delta(3, "d")]);
    expect(view.gap).toBe(true);
    expect(shown(view)).toBe("ab");
    expect(shown(apply(view, [delta(0, "abcd")]))).toBe("abcd");
  });

  it("asks again when an event is missing before one, and keeps its place", () => {
    const view = apply(emptyView(S), [started, event(3, { type: "notice", level: "info", text: "x" })]);
    expect([view.gap, view.seq, view.entries.length]).toEqual([true, 1, 1]);
  });

  it("shows a completed item as it is, whatever deltas said", () => {
    const view = apply(emptyView(S), [
      started,
      delta(0, "wrong"),
      event(2, { type: "itemCompleted", item: answer("right") }),
      delta(5, "late"),
    ]);
    expect(shown(view)).toBe("right");
    expect((view.entries[0] as ItemEntry).open).toBe(false);
  });

  it("folds a repeat into nothing and leaves the view before as it was", () => {
    const log = [
      started,
      event(2, { type: "itemCompleted", item: answer("done") }),
      event(3, { type: "notice", level: "warn", text: "cut" }),
      event(4, { type: "turnEnded", outcome: { type: "completed" } }),
    ];
    const once = apply(emptyView(S), log);
    const frozen = JSON.stringify(once.entries);
    const twice = apply(once, log);
    expect(JSON.stringify(twice.entries)).toBe(frozen);
    apply(once, [event(5, { type: "notice", level: "info", text: "more" })]);
    expect(JSON.stringify(once.entries)).toBe(frozen);
  });

  it("is the same for every cut of the log into batches", () => {
    const log: Event[] = [
      event(1, { type: "turnStarted", opId: "op", settings: {} }),
      event(2, { type: "itemStarted", item: answer("") }),
      delta(0, "Hé"),
      delta(3, "llo"),
      event(3, { type: "itemCompleted", item: answer("Héllo") }),
      event(4, { type: "usageUpdated", usage: { input: 5, cached: 0, output: 2, reasoning: 0 } }),
      event(5, { type: "turnEnded", outcome: { type: "completed" } }),
    ];
    const whole = apply(emptyView(S), log);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: log.length }), { maxLength: 6 }), (cuts) => {
        let view = emptyView(S);
        let from = 0;
        for (const cut of [...cuts, log.length].sort((a, b) => a - b)) {
          view = apply(view, log.slice(from, cut));
          from = cut;
        }
        expect(view).toEqual(whole);
      }),
    );
  });

  it("skips kinds that it does not know and counts them all the same", () => {
    const later = { type: "moodChanged", mood: "good" } as unknown as EventBody;
    const view = apply(emptyView(S), [event(1, later), event(2, { type: "unknown" } as unknown as EventBody)]);
    expect([view.seq, view.entries.length, view.gap]).toEqual([2, 0, false]);
  });

  it("leaves events of other sessions alone", () => {
    const other = { ...started, session: "other" };
    expect(apply(emptyView(S), [other]).entries).toHaveLength(0);
  });

  it("closes a question when it is answered, when its call ends, and when the turn ends", () => {
    const approval = { id: "q", callId: "c", itemId: "a", question: "May it?", accesses: [], choices: [] };
    const asked = apply(emptyView(S), [started, event(2, { type: "approvalRequested", approval })]);
    expect(asked.approvals.get("a")).toEqual(approval);
    const answered = apply(asked, [
      event(3, { type: "approvalResolved", approvalId: "q", decision: { type: "allow-once" } }),
    ]);
    expect([answered.approvals.size, answered.decisions.get("a")?.type]).toEqual([0, "allow-once"]);
    const ended = apply(asked, [event(3, { type: "turnEnded", outcome: { type: "interrupted", reason: "x" } })]);
    expect(ended.approvals.size).toBe(0);
    const completed = apply(asked, [event(3, { type: "itemCompleted", item: answer("") })]);
    expect(completed.approvals.size).toBe(0);
  });

  it("folds ten thousand events in one batch", () => {
    const log: Event[] = [];
    for (let n = 1; n <= 5000; n++) {
      const item = { ...answer("word ".repeat(20)), id: `i${n}` };
      log.push(event(n * 2 - 1, { type: "itemStarted", item }), event(n * 2, { type: "itemCompleted", item }));
    }
    const view = apply(emptyView(S), log);
    expect(view.entries).toHaveLength(5000);
  });
});
