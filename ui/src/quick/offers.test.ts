import { beforeEach, expect, test, vi } from "vitest";

const asked: number[] = [];
const texts: Record<number, { text: string; letters: number }> = {
  1: { text: "the quick brown fox", letters: 19 },
  2: { text: "a secret", letters: 8 },
};
vi.mock("../api", () => ({
  jamey: () => ({
    quickText: async (id: number) => {
      asked.push(id);
      const text = texts[id];
      if (!text) throw { code: "not_found", message: "this text is not offered any more" };
      return text;
    },
  }),
}));

const { giveBack, offer, offers, take, toggle } = await import("./offers");

const chosen = () => [...offers.get().chosen.values()].map(({ text }) => text);

beforeEach(() => {
  offer({});
  asked.length = 0;
});

test("no text is asked for before it is chosen", async () => {
  offer({ selection: { id: 1, letters: 19 }, clipboard: { id: 2, letters: 8 } });
  expect((await take()).chosen.size).toBe(0);
  expect(asked).toEqual([]);
  await toggle("selection");
  expect(asked).toEqual([1]);
  expect(chosen()).toEqual(["the quick brown fox"]);
  await toggle("selection");
  expect(chosen()).toEqual([]);
});

test("what is chosen stays so as long as it is the same", async () => {
  offer({ clipboard: { id: 1, letters: 19 } });
  await toggle("clipboard");
  offer({ clipboard: { id: 1, letters: 19 } });
  expect(chosen()).toEqual(["the quick brown fox"]);
  offer({ clipboard: { id: 2, letters: 8 } });
  expect(chosen()).toEqual([]);
  await toggle("clipboard");
  offer({});
  expect(chosen()).toEqual([]);
});

test("a text that comes when another is offered is not chosen", async () => {
  offer({ clipboard: { id: 1, letters: 19 } });
  const late = toggle("clipboard");
  offer({ clipboard: { id: 2, letters: 8 } });
  await late;
  expect(chosen()).toEqual([]);
});

test("a question that follows at once takes along what is still being fetched, and only one does", async () => {
  offer({ clipboard: { id: 1, letters: 19 } });
  void toggle("clipboard");
  const [first, second] = await Promise.all([take(), take()]);
  expect([first.chosen.size, second.chosen.size]).toEqual([1, 0]);
  giveBack(first);
  expect(chosen()).toEqual(["the quick brown fox"]);
});

test("what went with a question that failed is not given back for another text", async () => {
  offer({ clipboard: { id: 1, letters: 19 } });
  await toggle("clipboard");
  const taken = await take();
  offer({ clipboard: { id: 2, letters: 8 } });
  giveBack(taken);
  expect(chosen()).toEqual([]);
});

test("a text that is not there any more is told, and holds no question back", async () => {
  offer({ clipboard: { id: 3, letters: 5 } });
  await expect(toggle("clipboard")).rejects.toMatchObject({ code: "not_found" });
  expect((await take()).chosen.size).toBe(0);
});
