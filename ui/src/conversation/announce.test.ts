import { expect, test } from "vitest";
import { sentenceEnd } from "./announce";

test("whole sentences are said and the rest waits", () => {
  const text = "It failed. The key was";
  expect(text.slice(0, sentenceEnd(text, 0))).toBe("It failed.");
  expect(sentenceEnd(text, "It failed.".length)).toBe("It failed.".length);
});

test("code waits until it is whole", () => {
  const text = "So:\n\n```sh\nmake. all. of. it.\n";
  expect(text.slice(0, sentenceEnd(text, 0))).toBe("So:\n\n");
});

test("words that form no sentence are said in stretches", () => {
  const text = "one two ".repeat(200);
  const end = sentenceEnd(text, 0);
  expect(end).toBe(text.trimEnd().length);
  const more = `${text}three four`;
  expect(sentenceEnd(more, end)).toBe(end);
});
