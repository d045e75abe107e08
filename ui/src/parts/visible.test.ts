import { expect, it } from "vitest";
import table from "../../../tests/fixtures/invisible.json";
import { clean, plain, visible } from "./visible";

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

/** A command with what a terminal would obey and a person would not see. */
const HOSTILE = "echo \u001b]52;c;ZXZpbA==\u0007 \u202etxt.sh\u202c\u001b[2J\u009b1m\r\n\tdone\r";

it("copies no control character and no mark of direction, but tabs and lines", () => {
  expect(plain(HOSTILE)).toBe("echo ]52;c;ZXZpbA== txt.sh1m\n\tdone\n");
});

it("copies what is shown, but for the marks that are spelled out there", () => {
  expect(plain(HOSTILE)).toBe(clean(HOSTILE).replace(/<U\+[0-9A-F]{4}>/g, ""));
});

it("copies Arabic, Hebrew, joined emoji and accents as they were written", () => {
  for (const words of ["مرحبا بالعالم (123)", "שלום עולם, 45%", "👩‍👩‍👧 e\u0301 क्‍ष"]) expect(plain(words)).toBe(words);
});
