import { describe, expect, it } from "vitest";
import { chosen, mentionAt, written } from "./mention";

const at = (text: string) => mentionAt(text, text.length);

describe("a file that is named", () => {
  it("begins with an at sign at the beginning of a word", () => {
    expect(at("@")).toEqual({ from: 0, to: 1, words: "" });
    expect(at("look at @src/ma")).toEqual({ from: 8, to: 15, words: "src/ma" });
    expect(at("(@no")).toEqual({ from: 1, to: 4, words: "no" });
    expect(at("a line\n@x")?.words).toBe("x");
  });

  it("is no address and nothing that is over", () => {
    for (const text of ["ada@example", "look at @src/main.rs ", "", "a @b@c", "`@x"]) expect(at(text)).toBeUndefined();
  });

  it("is looked for where the caret is", () => {
    expect(mentionAt("see @mai and more", 8)).toEqual({ from: 4, to: 8, words: "mai" });
    expect(mentionAt("see @mai and more", 3)).toBeUndefined();
  });

  it("stands in the message as its path", () => {
    const mention = at("see @mai")!;
    const file = { path: "src/main.rs", isFolder: false };
    expect(chosen("see @mai", mention, file)).toEqual({ text: "see src/main.rs ", caret: 16 });
    const before = mentionAt("see @mai, please", 8)!;
    expect(chosen("see @mai, please", before, file)).toEqual({ text: "see src/main.rs, please", caret: 16 });
  });

  it("is marked when it has spaces, and ends in a slash when it is a folder", () => {
    expect(written({ path: "my notes.md", isFolder: false })).toBe("`my notes.md`");
    expect(written({ path: "src/turn", isFolder: true })).toBe("src/turn/");
  });
});
