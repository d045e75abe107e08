import { expect, it } from "vitest";
import { asFile, isLong, wasPasted } from "./pasted";
import type { Held } from "./pile";

const held = (name: string): Held => ({ key: name, name, bytes: 1, isPicture: false, state: "waiting" });

it("a page of text is typed, a document goes along as a file", () => {
  expect(isLong("word ".repeat(2_000))).toBe(false);
  expect(isLong("word ".repeat(20_000))).toBe(true);
});

it("each pasted text has a name of its own, by which it is known again", async () => {
  const first = asFile("beans", []);
  const second = asFile("peas", [held("pasted.txt"), held("notes.md")]);
  expect([first.name, second.name]).toEqual(["pasted.txt", "pasted-2.txt"]);
  expect(await second.file?.text()).toBe("peas");
  expect([first.name, second.name, "notes.md", "pasted.txt.exe"].map((name) => wasPasted(held(name)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
