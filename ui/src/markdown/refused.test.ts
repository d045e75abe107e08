import { expect, it } from "vitest";
import { openable, reading } from "./address";

it("an address that shows one name and goes to another is told apart, and not opened", () => {
  for (const address of [
    "https://bank.example@evil.example/",
    "http://ada:secret@example.com",
    "www.a.example@b.example",
  ]) {
    expect(reading(address)?.refused, address).toBe("user");
    expect(openable(address), address).toBeUndefined();
  }
});

it("no longer address is offered than the shell takes, as it is written when it is opened", () => {
  const rest = 4096 - "https://example.com/".length;
  expect(openable(`https://example.com/${"a".repeat(rest)}`)).toBeDefined();
  expect(reading(`https://example.com/${"a".repeat(rest + 1)}`)?.refused).toBe("long");
  expect(reading(`https://example.com/${"ü".repeat(rest / 6 + 1)}`)?.refused).toBe("long");
});

it("a link fills in of a letter what a person sees before it is sent", () => {
  const letter = "mailto:a@example.com,b@example.com?CC=c@example.com&bcc=d@example.com&Body=one%0D%0Atwo";
  expect(openable(letter)?.href).toBe(letter);
  for (const address of [
    "mailto:-attach=/etc/passwd@x",
    "mailto:a@example.com?subject=x&Attachment=/etc/passwd",
    "mailto:a@example.com?att%61ch=/etc/passwd",
    "mailto:a@example.com?subject=x%0D%0ABcc:b@example.com",
    "mailto:a@example.com?body=%00",
    "mailto:a@example.com%0Ab",
  ])
    expect(reading(address)?.refused, address).toBe("letter");
  expect(reading("mailto:nobody")).toBeUndefined();
});
