import { afterEach, beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();

/** The module as a page has it that begins. */
async function page() {
  vi.resetModules();
  return import("./lately");
}

beforeEach(() => {
  kept.clear();
  vi.useFakeTimers();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => vi.useRealTimers());

test("a session is gone on with until nobody used it for ten minutes, also by a page that is made anew", async () => {
  const { note, REST_MS } = await page();
  note("one");
  vi.advanceTimersByTime(REST_MS - 1);
  const again = await page();
  expect(again.lately()).toBe("one");
  again.note("one");
  vi.advanceTimersByTime(REST_MS - 1);
  expect(again.lately()).toBe("one");
  vi.advanceTimersByTime(1);
  expect(again.lately()).toBeUndefined();
});

test("a new question leaves it", async () => {
  const { note, lately } = await page();
  note("one");
  note(undefined);
  expect(lately()).toBeUndefined();
  expect((await page()).lately()).toBeUndefined();
});

test("without a storage it holds for this page, and what is no note counts as none", async () => {
  for (const foreign of ["nonsense", "7", '{"session":7,"at":1}', '{"session":"one","at":9e15}']) {
    kept.set("jamey.quick.session", foreign);
    expect((await page()).lately()).toBeUndefined();
  }
  vi.stubGlobal("localStorage", undefined);
  const { note, lately } = await page();
  expect(lately()).toBeUndefined();
  note("one");
  expect(lately()).toBe("one");
});
