import { describe, expect, it } from "vitest";
import type { Session } from "../generated/bindings";
import { folderName, foldersOf, groupsOf, orderOf, shownOf, toggled } from "./groups";

/** A Thursday, half past three in the afternoon. */
const NOW = new Date(2026, 2, 5, 15, 30).getTime();
const at = (day: number, hour: number, minute = 0) => new Date(2026, 2, day, hour, minute).getTime();

function session(id: string, updatedAt = NOW, cwd = "/home/ada"): Session {
  return { id, cwd, settings: {}, status: "idle", createdAt: 0, updatedAt, head: 1 };
}
const ids = (list: readonly Session[]) => list.map((one) => one.id);

describe("sessions by day", () => {
  it("go by the calendar where a day has 25 hours", () => {
    const zone = process.env.TZ;
    process.env.TZ = "Europe/Berlin";
    try {
      const evening = new Date(2026, 9, 25, 20).getTime();
      const list = [session("yesterday", new Date(2026, 9, 24, 0, 30).getTime())];
      expect(groupsOf(list, [], evening).map(({ name }) => name)).toEqual(["yesterday"]);
      const before = [session("before", new Date(2026, 9, 23, 23, 30).getTime())];
      expect(groupsOf(before, [], evening).map(({ name }) => name)).toEqual(["week"]);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("are divided at midnight, not by hours", () => {
    const list = [
      session("now"),
      session("this-morning", at(5, 0)),
      session("last-night", at(4, 23, 59)),
      session("yesterday", at(4, 0)),
      session("before", at(3, 23, 59)),
      session("a-week", at(-3, 23, 59)),
      session("a-month", at(-20, 1)),
      session("older", at(-60, 1)),
    ];
    expect(groupsOf(list, [], NOW).map(({ name, sessions }) => [name, ids(sessions)])).toEqual([
      ["today", ["now", "this-morning"]],
      ["yesterday", ["last-night", "yesterday"]],
      ["week", ["before"]],
      ["month", ["a-week", "a-month"]],
      ["older", ["older"]],
    ]);
  });

  it("come after those that are pinned, whenever they were used, and no group is empty", () => {
    const list = [session("new"), session("kept", at(-60, 1))];
    expect(groupsOf(list, ["kept"], NOW).map(({ name, sessions }) => [name, ids(sessions)])).toEqual([
      ["pinned", ["kept"]],
      ["today", ["new"]],
    ]);
    expect(groupsOf([], ["gone"], NOW)).toEqual([]);
  });
});

describe("sessions by folder", () => {
  it("stand under the folder that was used last, those that are pinned first", () => {
    const list = [session("a", 5, "/w/one"), session("b", 4, "/w/two"), session("c", 3, "/w/one"), session("d", 2)];
    expect(foldersOf(list, ["c"]).map(({ folder, sessions }) => [folder, ids(sessions)])).toEqual([
      [undefined, ["c"]],
      ["/w/one", ["a"]],
      ["/w/two", ["b"]],
      ["/home/ada", ["d"]],
    ]);
  });

  it("are called by the last part of the path", () => {
    expect(["/w/one/", "C:\\w\\two", "/", "plain"].map(folderName)).toEqual(["one", "two", "/", "plain"]);
  });
});

describe("the order of the list", () => {
  const list = [session("a", 5, "/w/one"), session("b", 4, "/w/two"), session("c", 3, "/w/one"), session("d", 2)];

  it("is that of its groups, pinned ones first", () => {
    expect(ids(orderOf(list, [], "day"))).toEqual(["a", "b", "c", "d"]);
    expect(ids(orderOf(list, ["d"], "day"))).toEqual(["d", "a", "b", "c"]);
    expect(ids(orderOf(list, ["d"], "folder"))).toEqual(["d", "a", "c", "b"]);
  });
});

describe("a list that is too long", () => {
  it("shows every pinned session, and of the others the newest", () => {
    const list = Array.from({ length: 500 }, (_, n) => session(`s${n}`, 1000 - n));
    const shown = shownOf(list, ["s499", "s3"], 200);
    expect(shown.isAll).toBe(false);
    expect(shown.list).toHaveLength(202);
    expect(ids(shown.list).slice(-2)).toEqual(["s200", "s499"]);
    expect(shownOf(list.slice(0, 201), ["s3"], 200)).toEqual({ list: list.slice(0, 201), isAll: true });
  });
});

describe("a pin", () => {
  it("is set and taken away again", () => {
    expect(toggled([], "a")).toEqual(["a"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });
});
