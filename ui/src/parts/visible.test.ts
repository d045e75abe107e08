import { expect, it } from "vitest";
import table from "../../../tests/fixtures/invisible.json";
import { visible } from "./visible";

it("treats every character as the table says that the terminal goes by too", () => {
  const names = table.names as Record<string, string>;
  const hidden = new Set<number>();
  for (const [first, last] of table.ranges as [string, string][]) {
    for (let code = parseInt(first, 16); code <= parseInt(last, 16); code++) hidden.add(code);
  }
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const spelled = `<${names[code.toString(16)] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`}>`;
    const wanted = hidden.has(code) ? spelled : character;
    if (visible(character) !== wanted) expect.fail(`${code.toString(16)}: ${visible(character)}`);
  }
});
