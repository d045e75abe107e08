import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Batch, Session } from "../generated/bindings";

/** Answers of the runtime, one for each name that was sent. */
const answers: { take: () => void; refuse: () => void }[] = [];
/** Tells what happens in all sessions. */
let tell: (batch: Batch) => void = () => {};
vi.mock("../api", () => ({
  asError: (thrown: unknown) => thrown,
  jamey: () => ({
    followAll: async (onBatch: (batch: Batch) => void) => {
      tell = onBatch;
      return () => {};
    },
    sessions: async () => ({ data: [session("a")], next: null }),
    session: async (id: string) => session(id),
    renameSession: () =>
      new Promise<void>((take, refuse) =>
        answers.push({ take, refuse: () => refuse({ code: "storage", message: "full" }) }),
      ),
  }),
}));
vi.mock("./toasts", () => ({ sayError: () => {} }));
vi.mock("../text", () => ({ text: () => ({ sidebar: { rename: "Rename" } }) }));

const { added, beginSessions, hide, reach, rename, sessions } = await import("./sessions");
const { connection } = await import("./connection");

const session = (id: string, name?: string): Session => ({
  id,
  ...(name ? { name } : {}),
  cwd: "/w",
  settings: {},
  status: "idle",
  createdAt: 0,
  updatedAt: 0,
  head: 1,
});
const names = () => Object.fromEntries(sessions.get().list.map((one) => [one.id, one.name]));

describe("a name that the runtime does not take", () => {
  beforeEach(() => {
    answers.length = 0;
    sessions.set({ list: [session("a", "old"), session("b"), session("c")], loaded: true });
  });

  it("is taken back alone: what the list learned meanwhile stays", async () => {
    const asked = rename("a", "new");
    hide("c");
    added(session("d"));
    sessions.update((now) => ({
      ...now,
      list: now.list.map((one) => (one.id === "b" ? { ...one, status: "running" as const } : one)),
    }));
    answers[0]?.refuse();
    await asked;
    expect(names()).toEqual({ d: undefined, a: "old", b: undefined });
    expect(sessions.get().list.find((one) => one.id === "b")?.status).toBe("running");
  });

  it("does not take back a later one", async () => {
    const first = rename("a", "new");
    const second = rename("a", "newer");
    answers[1]?.take();
    await second;
    answers[0]?.refuse();
    await first;
    expect(names().a).toBe("newer");
  });
});

it("holds what was opened from beyond it in its place, but nothing that was deleted", async () => {
  const newer = (id: string) => ({ ...session(id), updatedAt: 5 });
  sessions.set({ list: [newer("x"), newer("y")], loaded: true, isCut: true });
  hide("y");
  await reach("old");
  await reach("old");
  await reach("y");
  expect(sessions.get().list.map((one) => one.id)).toEqual(["x", "old"]);
  expect(sessions.get().isCut).toBe(true);
});

it("says that it hears no more, until the runtime is there anew", async () => {
  connection.set({ state: "ready", wasReady: true, isMending: false, hasTried: false });
  beginSessions();
  await vi.waitFor(() => expect(sessions.get().list.map((one) => one.id)).toEqual(["a"]));
  const error = { code: "version" as const, message: "another version", retryable: false };
  tell({ events: [], error });
  expect(sessions.get()).toMatchObject({ list: [{ id: "a" }], error });
});
