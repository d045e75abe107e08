import { describe, expect, it } from "vitest";
import { en } from "../text/en";
import { refusedSlash, SLASH, slashFor, type WhyNot } from "./slash";

const always: WhyNot = () => undefined;
const idle: WhyNot = (name) => (name === "stop" ? "Nothing is running here." : undefined);
const names = (draft: string, whyNot: WhyNot) => slashFor(draft, en, whyNot).map((one) => one.name);

describe("commands that begin with a slash", () => {
  it("are offered by their beginning and by their words, where they do something", () => {
    expect(names("/", always)).toEqual([...SLASH]);
    expect(names("/", idle)).toEqual(SLASH.filter((name) => name !== "stop"));
    expect(names("/S", always)).toEqual(["stop", "settings"]);
    expect(names("/answer", always)).toEqual(["copy"]);
    expect(names("/usr/bin", always)).toEqual([]);
  });

  it("say why they do nothing when they are named in full", () => {
    expect(refusedSlash("/Stop", idle)).toBe("/stop: Nothing is running here.");
    expect(refusedSlash("/retry", idle)).toBeUndefined();
    expect(refusedSlash("/stop the water", idle)).toBeUndefined();
    expect(refusedSlash("/st", idle)).toBeUndefined();
  });
});
