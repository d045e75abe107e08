import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ConfigView } from "../generated/bindings";

const answers: (() => void)[] = [];
vi.mock("../api", () => ({
  asError: (thrown: unknown) => thrown,
  jamey: () => ({
    setConfig: (_: string, font_percent: number) =>
      new Promise((done) => answers.push(() => done({ values: { desktop: { font_percent } }, warnings: [] }))),
  }),
}));

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

  it("are not put back by the answer to an earlier change", async () => {
    const { beginLooks, grow } = await import("./looks");
    const { prefs } = await import("./prefs");
    beginLooks();
    grow(1);
    grow(1);
    const settle = () => new Promise((done) => setTimeout(done));
    answers[0]?.();
    await settle();
    expect(prefs.get().scale).toBe(120);
    grow(1);
    for (const answer of answers.slice(1)) answer();
    await settle();
    expect(prefs.get().scale).toBe(130);
  });

  it("stay as they were where a runtime of another version says less or something new", () => {
    expect(looksIn(undefined)).toEqual({});
    expect(said(undefined)).toEqual({});
    expect(said({ theme: "sepia", font_percent: "large", language: "tlh", group_by: 7 })).toEqual({});
  });
});
