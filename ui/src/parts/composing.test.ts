import { expect, it } from "vitest";
import { isComposing } from "./composing";

const key = (isComposing: boolean, keyCode: number) => ({ isComposing, keyCode }) as KeyboardEvent;

it("a key belongs to the input method while it composes, and when it ends that", () => {
  expect(isComposing(key(true, 27))).toBe(true);
  expect(isComposing(key(false, 229))).toBe(true);
  expect(isComposing(key(false, 13))).toBe(false);
});
