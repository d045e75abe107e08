import { beforeEach, expect, test, vi } from "vitest";
import { addToDraft, arrived, draftOf, keepDraft, onDraft, sendDraft } from "./drafts";

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

test("words of an earlier window leave the draft again when they turn out to have arrived", () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  });
  const left = () => {
    kept.set("jamey.leaving.two", "Where do the beans go?\n");
    kept.set("jamey.left-at.two", "500");
    kept.set("jamey.draft.two", "And the peas?");
    expect(draftOf("two")).toBe("Where do the beans go?\n\n\nAnd the peas?");
  };
  left();
  const beans = (at: number) => ({ text: "Where do the beans go?", at });
  arrived("two", { text: "Thank you!", at: 600 });
  // What is said later is no sign of it.
  arrived("two", beans(700));
  expect(draftOf("two")).toContain("beans");
  // Nor what was said before in the same words.
  left();
  arrived("two", beans(400));
  expect(draftOf("two")).toContain("beans");
  kept.clear();
  left();
  arrived("two", beans(600));
  expect(draftOf("two")).toBe("And the peas?");
});
