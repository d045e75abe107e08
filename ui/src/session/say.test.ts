import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiError, Attachment, Op, Settings } from "../generated/bindings";
import { SessionStore } from "./store";

const submit = vi.fn<(session: string, opId: string, op: Op) => Promise<unknown>>();
vi.mock("../api", () => ({ jamey: () => ({ submit }), asError: (thrown: unknown) => thrown }));

const error = (code: string, message = code) => ({ code, message, retryable: false }) as ApiError;
const FILE = { id: "file", name: "a.txt", mediaType: "text/plain", bytes: 1 } as Attachment;

/** A session in which, as far as its page saw, a turn runs or none does. */
function seen({ runs }: { runs: boolean }): SessionStore {
  const store = new SessionStore("s");
  if (runs) {
    const turn = { id: "t", opId: "o", settings: {}, startedAt: 1 };
    store.state.update((now) => ({ ...now, view: { ...now.view, turn } }));
  }
  return store;
}
const sent = () => submit.mock.calls.map(([, , op]) => op);
const ids = () => submit.mock.calls.map(([, opId]) => opId);

beforeEach(() => void submit.mockReset());

describe("words sent as the turn ends", () => {
  it("begin the next turn, with their files, under an id of their own", async () => {
    const store = seen({ runs: true });
    submit.mockRejectedValueOnce(error("conflict", "nothing runs that could be steered")).mockResolvedValueOnce({});
    await store.say("and the peas?", {}, [FILE]);
    expect(sent()).toEqual([
      { type: "steer", text: "and the peas?", attachments: ["file"] },
      { type: "start_turn", text: "and the peas?", attachments: ["file"], settings: {} },
    ]);
    expect(new Set(ids()).size).toBe(2);
    expect(store.state.get().pending).toEqual([
      { opId: ids()[1], text: "and the peas?", attachments: [FILE], isSteer: false },
    ]);
  });
});

describe("words sent as a turn begins elsewhere", () => {
  it("steer it", async () => {
    const store = seen({ runs: false });
    submit.mockRejectedValueOnce(error("conflict", "a turn is running")).mockResolvedValueOnce({});
    await store.say("wait");
    expect(sent().map((op) => op.type)).toEqual(["start_turn", "steer"]);
    expect(store.state.get().pending.map((one) => one.isSteer)).toEqual([true]);
  });

  it("do not steer it when another model was to answer them", async () => {
    const store = seen({ runs: false });
    const settings: Settings = { model: "other/model" };
    submit.mockRejectedValueOnce(error("conflict", "a turn is running"));
    await expect(store.say("again", settings)).rejects.toMatchObject({ message: "a turn is running" });
    expect(sent().map((op) => op.type)).toEqual(["start_turn"]);
    expect(store.state.get().pending).toEqual([]);
  });
});

describe("words that cannot be sent", () => {
  it("are tried once the other way, and then it is said what stood against them", async () => {
    const store = seen({ runs: true });
    submit.mockRejectedValueOnce(error("conflict", "first")).mockRejectedValueOnce(error("conflict", "second"));
    await expect(store.say("hm")).rejects.toMatchObject({ message: "second" });
    expect(store.state.get().pending).toEqual([]);
  });

  it("are not tried again for any other reason", async () => {
    const store = seen({ runs: true });
    submit.mockRejectedValueOnce(error("unreachable"));
    await expect(store.say("hm")).rejects.toMatchObject({ code: "unreachable" });
    expect(submit).toHaveBeenCalledTimes(1);
  });
});
