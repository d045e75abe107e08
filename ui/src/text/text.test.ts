import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { de } from "./de";
import { en } from "./en";
import { zh } from "./zh";

/** Keys that are reached by a value, such as a mode's or a status's name. */
const BY_VALUE =
  /^(tool\.verbs|modes|settings\.(topics|themes|folder|per|toolNames)|monitor\.states|sidebar\.(today|yesterday|week|month|older|pinned)|tool\.(failed|denied|cancelled|outcomeUnknown)|approval\.(run|write|read|system)|palette\.sections|slash|quick\.(selection|clipboard)|usage\.(cost|tokens|spans|limit)|servers\.(kinds|nameTrouble)|link\.why|composer\.later)/;

function leaves(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "text" || entry.name === "generated" ? "" : sources(path);
      return /\.tsx?$/.test(entry.name) && !entry.name.includes(".test.") ? readFileSync(path, "utf8") : "";
    })
    .join("\n");
}

const SOURCE = join(__dirname, "..");

describe("the catalogue", () => {
  it("has every text in every language, and no language leaves one empty", () => {
    for (const other of [de, zh]) expect(leaves(other)).toEqual(leaves(en));
    const empty = (value: unknown): boolean =>
      typeof value === "string"
        ? value.trim() === ""
        : typeof value === "object" && value !== null && Object.values(value).some(empty);
    for (const language of [en, de, zh]) expect(empty(language)).toBe(false);
  });

  it("has no text that nothing shows", () => {
    const code = sources(SOURCE) + readFileSync(join(SOURCE, "text/units.ts"), "utf8");
    const unused = leaves(en).filter((path) => {
      const name = path.split(".").at(-1);
      return (
        !BY_VALUE.test(path) && !new RegExp(`\\.${name}\\b|\\{[^}\\n]*\\b${name}\\b[^}\\n]*\\} = text\\(\\)`).test(code)
      );
    });
    expect(unused.join(" ")).toBe("");
  });

  it("is the only place with words for people", () => {
    // Text between tags that is more than signs and one letter.
    const found = [...sources(SOURCE).matchAll(/>\s*([A-Z][a-z]+ [a-z][^<>{}=;()]*)</g)].map((match) => match[1]);
    expect(found).toEqual([]);
  });
});
