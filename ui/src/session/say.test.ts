import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiError, Attachment, Event, EventBody, Op, Settings } from "../generated/bindings";
import { connection } from "../state/connection";
import { apply } from "./apply";
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
      { opId: ids()[1], text: "and the peas?", attachments: [FILE], isSteer: false, isUnanswered: false },
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
    submit.mockRejectedValueOnce(error("too_large"));
    await expect(store.say("hm")).rejects.toMatchObject({ code: "too_large" });
    expect(submit).toHaveBeenCalledTimes(1);
    expect(store.state.get().pending).toEqual([]);
  });
});

describe("words that got no answer", () => {
  const isReady = (is: boolean) =>
    connection.set({ state: is ? "ready" : "connecting", wasReady: true, isMending: false, hasTried: false });
  /** As the connection tells it, to who waits for it too. */
  const comes = async () => {
    isReady(true);
    await vi.advanceTimersByTimeAsync(2000);
  };
  const unreachable = error("unreachable", "the connection to the runtime broke");

  beforeEach(() => {
    vi.useFakeTimers();
    isReady(true);
  });
  afterEach(() => void vi.useRealTimers());

  it("stay on their way, and are sent again under the same id", async () => {
    const store = seen({ runs: false });
    submit.mockRejectedValueOnce(unreachable).mockRejectedValueOnce(unreachable).mockResolvedValueOnce({});
    const said = store.say("once");
    await vi.advanceTimersByTimeAsync(0);
    expect(store.state.get().pending).toMatchObject([{ text: "once", isUnanswered: true }]);
    await comes();
    await said;
    expect(submit).toHaveBeenCalledTimes(3);
    expect(new Set(ids()).size).toBe(1);
    expect(store.state.get().pending.map((one) => one.opId)).toEqual([ids()[0]]);
  });

  it("arrive in the order in which they were said", async () => {
    const store = seen({ runs: false });
    submit.mockRejectedValueOnce(unreachable).mockResolvedValueOnce({}).mockRejectedValueOnce(error("conflict"));
    submit.mockResolvedValue({});
    const all = ["one", "two", "three"].map((text) => store.say(text));
    expect(store.state.get().pending.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    await comes();
    await Promise.all(all);
    const arrived = sent().map((op) => ("text" in op ? op.text : op.type));
    // The first got no answer, the second came into a turn.
    expect(arrived).toEqual(["one", "one", "two", "two", "three"]);
  });

  it("hold up nothing when they are refused at last", async () => {
    const store = seen({ runs: false });
    submit.mockRejectedValueOnce(error("no_model")).mockResolvedValueOnce({});
    const first = store.say("one").catch((thrown) => thrown);
    await store.say("two");
    expect(await first).toMatchObject({ code: "no_model" });
  });

  it("come back when the runtime refuses them at last", async () => {
    const store = seen({ runs: false });
    submit.mockRejectedValueOnce(unreachable).mockRejectedValueOnce(error("no_model"));
    const said = store.say("once").catch((thrown) => thrown);
    await comes();
    expect(await said).toMatchObject({ code: "no_model" });
    expect(store.state.get().pending).toEqual([]);
  });

  it("that steered a turn which ended meanwhile begin the next one", async () => {
    const store = seen({ runs: true });
    submit.mockRejectedValueOnce(unreachable).mockRejectedValueOnce(error("conflict")).mockResolvedValueOnce({});
    const said = store.say("wait");
    await comes();
    await said;
    expect(sent().map((op) => op.type)).toEqual(["steer", "steer", "start_turn"]);
    expect(ids()[0]).toBe(ids()[1]);
    expect(ids()[2]).not.toBe(ids()[0]);
  });
});

describe("trying again", () => {
  let seq = 0;
  const body = (one: EventBody): Event => ({ session: "s", seq: ++seq, at: seq, turn: "t", body: one });
  const said = (id: string, text: string): EventBody => ({
    type: "itemCompleted",
    item: { id, turn: "t", step: 0, at: 1, body: { type: "userMessage", text, attachments: [FILE] } },
  });
  const started: EventBody = { type: "turnStarted", opId: "o", settings: {} };
  const stopped: EventBody = { type: "turnEnded", outcome: { type: "interrupted", reason: "stopped" } };
  const ended = (...events: EventBody[]) => {
    seq = 0;
    const store = new SessionStore("s");
    store.state.update((now) => ({ ...now, view: apply(now.view, events.map(body)) }));
    submit.mockResolvedValue({});
    return store;
  };

  it("asks what began the turn, not what was said on the way", async () => {
    await ended(started, said("a", "Where do the beans go?"), said("b", "and quickly"), stopped).again();
    expect(sent()).toMatchObject([{ type: "start_turn", text: "Where do the beans go?", attachments: ["file"] }]);
  });

  it("asks another model for this turn alone", async () => {
    await ended(started, said("a", "Where?"), stopped).again("other/model");
    expect(sent()).toMatchObject([{ type: "start_turn", text: "Where?", settings: { model: "other/model" } }]);
  });

  it("sums up again where that was what failed, and does not ask what was said before it", async () => {
    await ended(started, said("a", "Where?"), stopped, started, stopped).again();
    expect(sent()).toEqual([{ type: "compact" }]);
  });

  it("sends nothing where the turn's beginning is not here", async () => {
    await ended(stopped).again();
    expect(sent()).toEqual([]);
  });
});
