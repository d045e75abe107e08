import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ApiError, Batch, Event, EventBody, Session } from "../generated/bindings";
import { apply } from "./apply";
import { SessionStore } from "./store";
import { emptyView } from "./view";

const ID = "019a0000-0000-7000-8000-000000000001";
const asked: { after: number; tell: (events: Event[], error?: ApiError) => void; isOver: boolean }[] = [];
let session: Session;
let refusal: unknown;

vi.mock("../api", () => ({
  asError: (thrown: unknown) => thrown,
  jamey: () => ({
    session: async () => {
      if (refusal) throw refusal;
      return session;
    },
    follow: async (_: string, after: number, onBatch: (batch: Batch) => void) => {
      const tell = (events: Event[], error?: ApiError) => onBatch({ events, ...(error ? { error } : {}) } as Batch);
      const one = { after, tell, isOver: false };
      asked.push(one);
      return () => {
        one.isOver = true;
      };
    },
  }),
}));

const event = (seq: number | undefined, body: EventBody): Event => ({
  session: ID,
  ...(seq === undefined ? {} : { seq }),
  at: seq ?? 0,
  turn: `t${Math.ceil((seq ?? 0) / 4)}`,
  body,
});

/** Turns of four events. */
const history: Event[] = Array.from({ length: 3_000 }, (_, n) => {
  const seq = n + 1;
  const kind = n % 4;
  if (kind === 0) return event(seq, { type: "turnStarted", opId: `o${n}`, settings: { model: "a/b" } });
  if (kind === 2) return event(seq, { type: "usageUpdated", usage: { input: 10, output: 1 } });
  if (kind === 3) return event(seq, { type: "turnEnded", outcome: { type: "completed" } });
  const body = { type: "agentMessage", text: `answer ${n}`, model: "a/b", partial: false } as const;
  return event(seq, { type: "itemCompleted", item: { id: `i${n}`, turn: "t", step: 1, at: 1, body } });
});
const from = (after: number) => history.filter((one) => (one.seq ?? 0) > after);
const nextFrame = () => vi.advanceTimersByTimeAsync(300);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => setTimeout(run, 16));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  asked.length = 0;
  refusal = undefined;
  session = { id: ID, cwd: "/", settings: {}, status: "idle", createdAt: 1, updatedAt: 1, head: history.length };
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("a long session shows its end, and is the same as if it had come whole once its beginning is there", async () => {
  const store = new SessionStore(ID);
  await store.open();
  expect(asked.map((one) => one.after)).toEqual([2_600]);
  asked[0]!.tell(from(2_600));
  await nextFrame();
  const end = store.state.get();
  expect([end.loaded, end.whole, end.view.seq, end.view.entries.length]).toEqual([true, false, 3_000, 200]);

  // Meanwhile something happens, and the beginning comes in pieces that go beyond the cut.
  expect(asked.map((one) => one.after)).toEqual([2_600, 0]);
  const late = event(3_001, { type: "notice", level: "info", text: "late" });
  asked[0]!.tell([late]);
  await nextFrame();
  asked[1]!.tell(history.slice(0, 1_000));
  expect(store.state.get().whole).toBe(false);
  asked[1]!.tell([...history.slice(1_000), late]);
  const { whole, view } = store.state.get();
  const { session: _, ...folded } = view;
  expect([whole, folded]).toEqual([true, apply(emptyView(ID), [...history, late])]);
  expect(asked.map((one) => one.isOver)).toEqual([false, true]);

  // And it goes on as any other.
  asked[0]!.tell([event(3_002, { type: "notice", level: "info", text: "later" })]);
  await nextFrame();
  expect(store.state.get().view.seq).toBe(3_002);
});

it("an event that was lost in the end is asked for again when the beginning is there", async () => {
  const store = new SessionStore(ID);
  await store.open();
  asked[0]!.tell([...from(2_600)]);
  asked[0]!.tell([event(3_003, { type: "notice", level: "info", text: "too early" })]);
  await nextFrame();
  expect(asked.map((one) => one.after)).toEqual([2_600, 3_000, 0]);
  asked[2]!.tell(history);
  expect(asked.map((one) => one.after)).toEqual([2_600, 3_000, 0, 3_000]);
  expect([store.state.get().whole, store.state.get().view.seq]).toEqual([true, 3_000]);
});

it("comes whole when it is short, or while something runs in it", async () => {
  session.status = "running";
  await new SessionStore(ID).open();
  session = { ...session, status: "idle", head: 900 };
  await new SessionStore(ID).open();
  expect(asked.map((one) => one.after)).toEqual([0, 0]);
});

it("begins anew when it was closed between its end and its beginning", async () => {
  const store = new SessionStore(ID);
  await store.open();
  asked[0]!.tell(from(2_600));
  await nextFrame();
  store.close();
  asked[1]!.tell(history);
  expect([store.state.get().whole, asked[1]!.isOver]).toEqual([false, true]);
  await store.open();
  expect([store.state.get().loaded, asked.at(-1)!.after]).toEqual([false, 2_600]);
});

it("a session that was taken for deleted and is there again is read anew", async () => {
  session = { ...session, head: 8, status: "running" };
  const store = new SessionStore(ID);
  await store.open();
  // In the third turn something still runs.
  asked[0]!.tell(history.slice(0, 9));
  await nextFrame();
  expect(store.state.get().view.turn).toBeDefined();
  refusal = { code: "not_found", message: "there is no such session", retryable: false };
  await store.open();
  await nextFrame();
  expect(store.state.get().view.gone).toBe(true);
  refusal = undefined;
  await store.open();
  expect(store.state.get()).toMatchObject({ loaded: false, whole: false });
  expect(asked.at(-1)!.after).toBe(0);
  asked.at(-1)!.tell(history.slice(0, 9));
  await nextFrame();
  const { view, whole, error } = store.state.get();
  expect([view.gone, error, whole, view.seq]).toEqual([undefined, undefined, true, 9]);
  expect(view.turn).toBeDefined();
});

const BROKEN: ApiError = { code: "internal", message: "the event is not understood", retryable: false };

it("says when the stream ended for good, keeps what it has, and goes on from there when asked", async () => {
  session = { ...session, head: 8 };
  const store = new SessionStore(ID);
  await store.open();
  asked[0]!.tell(history.slice(0, 8), BROKEN);
  await nextFrame();
  expect(store.state.get()).toMatchObject({ loaded: true, error: BROKEN, view: { seq: 8 } });
  await store.open();
  expect(store.state.get().error).toBeUndefined();
  expect(asked.at(-1)!.after).toBe(8);
});

it("says when the beginning of a long session does not come", async () => {
  const store = new SessionStore(ID);
  await store.open();
  asked[0]!.tell(from(2_600));
  await nextFrame();
  asked[1]!.tell(history.slice(0, 1_000), BROKEN);
  expect(store.state.get()).toMatchObject({ loaded: true, whole: false, error: BROKEN });
  await store.open();
  asked.at(-1)!.tell(from(2_600));
  await nextFrame();
  asked.at(-1)!.tell(history);
  expect(store.state.get().whole).toBe(true);
});

it("is read anew when it ends before what was seen of it: the runtime came back from a backup", async () => {
  session = { ...session, head: 8 };
  const store = new SessionStore(ID);
  await store.open();
  asked[0]!.tell(history.slice(0, 12));
  await nextFrame();
  await store.open();
  expect([store.state.get().whole, asked.at(-1)!.after]).toEqual([false, 0]);
  asked.at(-1)!.tell(history.slice(0, 8));
  await nextFrame();
  expect([store.state.get().whole, store.state.get().view.seq]).toEqual([true, 8]);
});

it("is followed by one stream when it is opened twice at once", async () => {
  session = { ...session, head: 8 };
  const store = new SessionStore(ID);
  await Promise.all([store.open(), store.open()]);
  expect(asked.filter((one) => !one.isOver)).toHaveLength(1);
  asked.find((one) => !one.isOver)!.tell(history.slice(0, 8));
  await nextFrame();
  expect(store.state.get().view.seq).toBe(8);
});
