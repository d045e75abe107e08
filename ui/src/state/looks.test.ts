import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ConfigView } from "../generated/bindings";

let looksIn: typeof import("./looks").looksIn;
const said = (desktop: unknown) => looksIn({ values: { desktop } } as unknown as ConfigView);

describe("the looks in the configuration", () => {
  beforeAll(async () => {
    vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {} });
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

  it("stay as they were where a runtime of another version says less or something new", () => {
    expect(looksIn(undefined)).toEqual({});
    expect(said(undefined)).toEqual({});
    expect(said({ theme: "sepia", font_percent: "large", language: "tlh", group_by: 7 })).toEqual({});
  });
});
