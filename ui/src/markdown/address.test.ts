import { expect, test } from "vitest";
import { openable } from "./address";

test("only web pages and letters without files are opened", () => {
  for (const good of [
    "https://example.com/",
    "http://127.0.0.1/",
    "www.example.com",
    "mailto:a@b.example?Subject=x&body=y",
    "mailto:jürgen+x@b.example?subject=Tom%26Jerry's",
  ])
    expect(openable(good), good).toBeDefined();
  for (const bad of [
    "file:///etc/passwd",
    "javascript:1",
    "x",
    "mailto:a@b.example?attach=/x",
    "mailto:a@b.example?Attachment=/x",
    "mailto:a@b.example&attach=/x",
    "mailto:a@b.example%26attach=/x",
    "mailto:a@b.example',attachment='/x",
    "mailto:a@b.example?subject=x',attachment='/x",
    "mailto:a@b.example?subject=x#&attach=/x",
  ])
    expect(openable(bad), bad).toBeUndefined();
});
