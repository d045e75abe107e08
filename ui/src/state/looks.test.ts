import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ConfigView } from "../generated/bindings";

/** What was written and is not answered yet. */
const writes: { value: number; answer: () => void }[] = [];
vi.mock("../api", () => ({
  asError: (thrown: unknown) => thrown,
  jamey: () => ({
    setConfig: (_: string, font_percent: number) =>
      new Promise((done) =>
        writes.push({
          value: font_percent,
          answer: () => done({ values: { desktop: { font_percent } }, warnings: [] }),
        }),
      ),
  }),
}));
const settle = () => new Promise((done) => setTimeout(done));
/** Answers the one write that waits; tells what it wrote. */
const answer = async () => {
  expect(writes).toHaveLength(1);
  const one = writes.pop();
  one?.answer();
  await settle();
  return one?.value;
};

let looksIn: typeof import("./looks").looksIn;
const said = (desktop: unknown) => looksIn({ values: { desktop } } as unknown as ConfigView);

describe("the looks in the configuration", () => {
  beforeAll(async () => {
    vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
    vi.stubGlobal("document", { documentElement: { dataset: {}, style: { setProperty: () => {} } } });
    vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {} }));
    ({ looksIn } = await import("./looks"));
  });

  it("are taken as they are said", () => {
    expect(said({ theme: "dark", font_percent: 120, language: "de", group_by: "folder" })).toEqual({
      theme: "dark",
      scale: 120,
      language: "de",
      grouping: "folder",
    });
  });

  it("are not put back by the answer to an earlier change, and are written one after the other, the last one alone", async () => {
    const { beginLooks, grow } = await import("./looks");
    const { prefs } = await import("./prefs");
    beginLooks();
    for (let n = 0; n < 4; n++) grow(1);
    expect(prefs.get().scale).toBe(140);
    expect(await answer()).toBe(110);
    expect(prefs.get().scale).toBe(140);
    grow(-1);
    expect(await answer()).toBe(140);
    expect(await answer()).toBe(130);
    expect(prefs.get().scale).toBe(130);
    expect(writes).toHaveLength(0);
  });

  it("are not written when nothing changes", async () => {
    const { choose, grow } = await import("./looks");
    const { prefs } = await import("./prefs");
    grow(1);
    expect(await answer()).toBe(140);
    for (let n = 0; n < 3; n++) grow(1);
    await choose("scale", 140);
    expect(prefs.get().scale).toBe(140);
    expect(writes).toHaveLength(0);
  });

  it("stay as they were where a runtime of another version says less or something new", () => {
    expect(looksIn(undefined)).toEqual({});
    expect(said(undefined)).toEqual({});
    expect(said({ theme: "sepia", font_percent: "large", language: "tlh", group_by: 7 })).toEqual({});
  });
});
