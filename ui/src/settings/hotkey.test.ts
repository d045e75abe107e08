import { describe, expect, it } from "vitest";
import { chordOf, type Pressed } from "./hotkey";

const FREE = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };
const press = (key: string, code: string, held: Partial<Pressed> = {}) =>
  chordOf({ ...FREE, key, code, ...held }, "ctrlKey");

describe("the keys of the quick prompt", () => {
  it("are called by the letter that is on them, as the system does, and not by their place", () => {
    const german = press("z", "KeyY", { ctrlKey: true, altKey: true });
    expect(german).toEqual({ kind: "chord", chord: "Ctrl+Alt+Z" });
    const french = press("A", "KeyQ", { ctrlKey: true, shiftKey: true });
    expect(french).toEqual({ kind: "chord", chord: "Ctrl+Shift+A" });
  });

  it("are called by their place where the letter is no plain one", () => {
    expect(press("!", "Digit1", { ctrlKey: true, shiftKey: true })).toEqual({ kind: "chord", chord: "Ctrl+Shift+1" });
    expect(press("ф", "KeyA", { metaKey: true })).toEqual({ kind: "chord", chord: "Super+A" });
    expect(press("€", "KeyE", { ctrlKey: true, altKey: true })).toEqual({ kind: "chord", chord: "Ctrl+Alt+E" });
    expect(press("Dead", "KeyN", { altKey: true })).toEqual({ kind: "chord", chord: "Alt+N" });
    expect(press(" ", "Space", { ctrlKey: true, altKey: true })).toEqual({ kind: "chord", chord: "Ctrl+Alt+Space" });
    expect(press("Enter", "NumpadEnter", { ctrlKey: true })).toEqual({ kind: "chord", chord: "Ctrl+Enter" });
  });

  it("may be a function key alone, and no other key alone or with Shift", () => {
    expect(press("F9", "F9")).toEqual({ kind: "chord", chord: "F9" });
    expect(press("F9", "F9", { shiftKey: true })).toEqual({ kind: "chord", chord: "Shift+F9" });
    expect(press("a", "KeyA")).toEqual({ kind: "bare" });
    expect(press("A", "KeyA", { shiftKey: true })).toEqual({ kind: "bare" });
    expect(press(" ", "Space")).toEqual({ kind: "bare" });
  });

  it("are waited for while only those are down that are held", () => {
    for (const key of ["Control", "Alt", "Shift", "Meta", "AltGraph"]) {
      expect(press(key, `${key}Left`, { ctrlKey: true })).toEqual({ kind: "held" });
    }
  });

  it("are none when the shell could not take them", () => {
    for (const [key, code] of [
      ["ö", "Semicolon"],
      ["ArrowUp", "ArrowUp"],
      ["+", "NumpadAdd"],
    ] as const) {
      expect(press(key, code, { ctrlKey: true })).toEqual({ kind: "unfit" });
    }
  });

  it("are none that every program has for itself, unless another key is held with them", () => {
    for (const letter of "cvxazs") {
      const code = `Key${letter.toUpperCase()}`;
      expect(press(letter, code, { ctrlKey: true })).toEqual({ kind: "everywhere" });
      expect(chordOf({ ...FREE, key: letter, code, metaKey: true }, "metaKey")).toEqual({ kind: "everywhere" });
      expect(press(letter, code, { metaKey: true })).toMatchObject({ kind: "chord" });
      expect(press(letter, code, { ctrlKey: true, altKey: true })).toMatchObject({ kind: "chord" });
      expect(press(letter.toUpperCase(), code, { ctrlKey: true, shiftKey: true })).toMatchObject({ kind: "chord" });
    }
    expect(press("j", "KeyJ", { ctrlKey: true })).toMatchObject({ kind: "chord" });
  });
});
