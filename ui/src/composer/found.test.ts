import { expect, it } from "vitest";
import { offered } from "./found";

const files = ["src/main.rs", "src/domain/mainframe.rs", "docs/remains.md"].map((path) => ({ path, isFolder: false }));
const found = { place: "/garden", words: "ma", files };

it("What was found is offered for the words that it was found for", () => {
  expect(offered(found, "/garden", "ma")).toBe(files);
});

it("Until other words have their answer, only what fits them too is offered", () => {
  expect(offered(found, "/garden", "mainf").map((file) => file.path)).toEqual(["src/domain/mainframe.rs"]);
  expect(offered(found, "/garden", "MAIN.")).toEqual([files[0]]);
  expect(offered(found, "/garden", "readme")).toEqual([]);
});

it("Nothing is offered from another folder, nor where nothing is named", () => {
  expect(offered(found, "/house", "ma")).toEqual([]);
  expect(offered(found, "/garden", undefined)).toEqual([]);
  expect(offered(undefined, "/garden", "ma")).toEqual([]);
});
