import { describe, expect, it } from "vitest";
import { addressOf, type Place, placeAt } from "./place";

describe("the place in the page's address", () => {
  it("is found again, but for the passage that was searched for", () => {
    const places: Place[] = [
      { name: "new" },
      { name: "session", id: "019a-3f" },
      { name: "settings", topic: "limits" },
      { name: "monitor" },
      { name: "usage" },
    ];
    for (const one of places) expect(placeAt(`#${addressOf(one)}`)).toEqual(one);
    expect(placeAt(addressOf({ name: "session", id: "a", item: "b" }))).toEqual({ name: "session", id: "a" });
  });

  it("is where every window begins when it is none of ours", () => {
    for (const other of [
      "",
      "#",
      "#first",
      "#session",
      "#session/../x",
      "#settings/keys",
      "#settings",
      "#javascript:x",
    ])
      expect(placeAt(other)).toEqual({ name: "new" });
  });
});
