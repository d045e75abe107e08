import { describe, expect, it } from "vitest";
import type { ToolCall } from "../generated/bindings";
import { shapeOf } from "./Output";

const call = (tool: string): ToolCall => ({ callId: "c", tool, arguments: {}, status: "succeeded" }) as ToolCall;
const shell = call("shell_exec");

describe("what a tool gave back", () => {
  it("is a table when it is a list of plain objects, with a column for each name and nothing where one has none", () => {
    expect(shapeOf(shell, '[{"a": 1, "b": "x"}, {"b": null, "c": true}]\n')).toEqual({
      table: {
        head: ["a", "b", "c"],
        rows: [
          ["1", "x", ""],
          ["", "", "true"],
        ],
      },
    });
  });

  it.each([
    ["a list of something else", "[1, 2]"],
    ["an empty list", "[]"],
    ["a list with an object in an object", '[{"a": {"b": 1}}]'],
    ["a list of objects without a name", "[{}]"],
    ["one object", '{"a": 1}'],
    ["a table that is too long", JSON.stringify(Array.from({ length: 501 }, () => ({ a: 1 })))],
    ["a table that is too wide", JSON.stringify([Object.fromEntries("abcdefghijklm".split("").map((n) => [n, 1]))])],
  ])("is JSON, set in lines, when it is %s", (_, text) => {
    expect(shapeOf(shell, text)).toEqual({ json: JSON.stringify(JSON.parse(text), null, 2) });
  });

  it.each([
    ["looks like JSON and is none", "[warning] one\n"],
    ["was cut in its middle", '[{"a": 1}, {"a"'],
    ["is words", "total 4\n"],
    ["is nothing", ""],
    ["is longer than anybody reads", `[${"1,".repeat(100_001)}1]`],
  ])("is text when it %s", (_, text) => {
    expect(shapeOf(shell, text)).toEqual({ text });
  });

  it("of facts is a table of pairs, and a line without a name stays a line", () => {
    expect(shapeOf(call("system_info"), "Cores: 8\nOS: Linux: 6.1\nnothing else")).toEqual({
      table: {
        head: [],
        rows: [
          ["Cores", "8"],
          ["OS", "Linux: 6.1"],
          ["", "nothing else"],
        ],
      },
    });
  });

  it("of a search is a table of places and lines, else text", () => {
    const found = "2 matches:\nsrc/a.rs:12: let a: u8 = 1;\nC:\\b.rs:3:\n";
    expect(shapeOf(call("search_files"), found)).toEqual({
      table: {
        head: [],
        rows: [
          ["src/a.rs:12", "let a: u8 = 1;"],
          ["C:\\b.rs:3", ""],
        ],
      },
    });
    for (const text of ["Nothing was found.", "2 files:\na.rs\nb.rs"]) {
      expect(shapeOf(call("search_files"), text)).toEqual({ text });
    }
  });
});
