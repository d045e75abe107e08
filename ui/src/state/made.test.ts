import { beforeEach, describe, expect, it, vi } from "vitest";
import type { NewSession, Session } from "../generated/bindings";

/** What the runtime has. */
const there = new Map<string, Session>();
const made: string[] = [];
let refusal: unknown;

vi.mock("../api", () => ({
  asError: (thrown: unknown) => thrown,
  jamey: () => ({
    createSession: async (wish: NewSession) => {
      if (refusal) throw refusal;
      const id = `s${made.length + 1}`;
      const session: Session = {
        id,
        cwd: "/w",
        settings: wish.model ? { model: wish.model } : {},
        status: "idle",
        createdAt: 0,
        updatedAt: 0,
        head: 1,
      };
      made.push(id);
      there.set(id, session);
      return { ...session };
    },
    session: async (id: string) => {
      const session = there.get(id);
      if (!session) throw { code: "not_found", message: "there is no such session" };
      return { ...session };
    },
    deleteSession: async (id: string) => void there.delete(id),
  }),
}));
vi.mock("./toasts", () => ({ sayError: () => {} }));

const { inSession, sessionFor } = await import("./made");
const { sessions } = await import("./sessions");

const listed = () => sessions.get().list.map((one) => one.id);
const REFUSED = { code: "no_model", message: "no model is chosen", retryable: false };
const fails = async (wish: NewSession = {}) => {
  let used = "";
  await inSession(wish, async ({ id }) => {
    used = id;
    throw REFUSED;
  }).catch(() => {});
  return used;
};
const goesWell = async (wish: NewSession = {}) => {
  let used = "";
  await inSession(wish, async ({ id }) => {
    used = id;
    const session = there.get(id);
    if (session) there.set(id, { ...session, head: 4 });
  });
  return used;
};

beforeEach(async () => {
  // Nothing is left of the test before.
  await goesWell();
  there.clear();
  made.length = 0;
  refusal = undefined;
  sessions.set({ list: [], loaded: true });
});

describe("a session whose first words could not be sent", () => {
  it("serves the next try, and is in no list until one went well", async () => {
    expect([await fails(), await fails(), made, listed()]).toEqual(["s1", "s1", ["s1"], []]);
    expect([await goesWell(), made, listed()]).toEqual(["s1", ["s1"], ["s1"]]);
    // What is said next begins another.
    expect([await goesWell(), made]).toEqual(["s2", ["s1", "s2"]]);
  });

  it("is deleted when something else is wished for", async () => {
    await fails();
    expect(await goesWell({ model: "a/b" })).toBe("s2");
    await vi.waitFor(() => expect([...there.keys()]).toEqual(["s2"]));
  });

  it("is left to who came upon it meanwhile", async () => {
    const id = await fails();
    there.set(id, { ...(there.get(id) as Session), head: 9 });
    expect([await goesWell(), listed()]).toEqual(["s2", ["s2", "s1"]]);
    expect([...there.keys()]).toEqual(["s1", "s2"]);
  });

  it("is made anew when it was deleted meanwhile", async () => {
    there.delete(await fails());
    expect([await goesWell(), listed()]).toEqual(["s2", ["s2"]]);
  });

  it("is not deleted while other words are on their way to it", async () => {
    let arrive = () => {};
    const slow = inSession({}, async ({ id }) => {
      await new Promise<void>((done) => {
        arrive = done;
      });
      there.set(id, { ...(there.get(id) as Session), head: 4 });
    });
    await goesWell({ model: "a/b" });
    arrive();
    await slow;
    expect([...there.keys()]).toEqual(["s1", "s2"]);
  });
});

it("a session that is made for files gets the words too", async () => {
  const { id } = await sessionFor({});
  expect(listed()).toEqual([]);
  expect([await goesWell(), listed()]).toEqual([id, [id]]);
});

it("a session that could not be made is asked for again", async () => {
  refusal = { code: "unreachable", message: "no runtime answers" };
  await expect(sessionFor({})).rejects.toMatchObject({ code: "unreachable" });
  await expect(inSession({}, async () => {})).rejects.toMatchObject({ code: "unreachable" });
  refusal = undefined;
  expect(await goesWell()).toBe("s1");
});
