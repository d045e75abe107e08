import { describe, expect, it } from "vitest";
import { sumOf } from "./Calls";

describe("the calls of a day", () => {
  it("are counted, and the first word is weighed by the answers that had one", () => {
    const history = [
      { at: 0, calls: 4, failed: 1, firstWordMs: 100 },
      { at: 1, calls: 1, failed: 0, firstWordMs: 500 },
      { at: 2, calls: 2, failed: 2 },
    ];
    expect(sumOf(history)).toEqual({ calls: 7, failed: 3, firstWordMs: 200 });
    expect(sumOf([])).toEqual({ calls: 0, failed: 0, firstWordMs: undefined });
  });
});
