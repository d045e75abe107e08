import { beforeEach, expect, test, vi } from "vitest";
import { addToDraft, draftOf, keepDraft, onDraft, sendDraft } from "./drafts";

// Without it drafts hold for this window, which is all that is asked here.
beforeEach(() => {
  vi.stubGlobal("localStorage", undefined);
  keepDraft("one", "");
});

test("words that are sent leave their draft, and its field", () => {
  keepDraft("one", "Where do the beans go? ");
  const tell = vi.fn();
  const stop = onDraft("one", tell);
  sendDraft("one", "Where do the beans go? ").done();
  stop();
  expect(tell).toHaveBeenCalledWith("");
  expect(draftOf("one")).toBe("");
});

test("words that came to them from another window while their files were read stay", () => {
  keepDraft("one", "Where do the beans go?");
  addToDraft("one", "And the peas?");
  sendDraft("one", "Where do the beans go?").done();
  expect(draftOf("one")).toBe("And the peas?");
});

test("files alone take no words along", () => {
  addToDraft("one", "And the peas?");
  sendDraft("one", "").done();
  expect(draftOf("one")).toBe("And the peas?");
});

test("earlier words that came back before them stay", () => {
  keepDraft("one", "first");
  const first = sendDraft("one", "first");
  keepDraft("one", "second");
  first.back();
  sendDraft("one", "second").done();
  expect(draftOf("one")).toBe("first");
});
