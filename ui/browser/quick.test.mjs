/** The quick prompt: what leads from it into the window. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { message, suite } from "./page.mjs";

const inPage = suite();
const QUICK = { file: "quick.html", width: 680, height: 480 };
const field = (page) => page.locator(".quick textarea");

/** Another page of the same browser: the window of this quick prompt, or the other way round. */
async function beside(page, file) {
  const other = await page.context().newPage();
  await other.goto(page.url().replace(/\w+\.html/, file));
  return other;
}

async function ask(page, words) {
  await field(page).fill(words);
  await field(page).press("Enter");
}

const topic = (page, name) => page.locator('.topics [aria-current="page"]', { hasText: name });

/** The newest session's turn ends with this error. */
const fail = (page, code) =>
  page.evaluate((code) => {
    const one = [...window.__mock.world.sessions.values()].at(-1);
    one.begin();
    one.user("And the peas?");
    one.end({ type: "failed", error: { code, message: `it ended with ${code}`, hint: null, retryable: false } });
  }, code);

describe("a failed turn in the quick prompt", () => {
  for (const [code, button, shows] of [
    ["auth", "Open the providers", "Providers"],
    ["limit", "Change the limits", "Limits"],
  ])
    it(
      `leads to where it is mended, in the window that is open: ${code}`,
      inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
        await ask(page, "Where do the beans go?");
        await page.locator(".end-footer").waitFor();
        const window = await beside(page, "index.html");
        await message(window).waitFor();
        await fail(page, code);
        await page.getByRole("button", { name: button }).click();
        await page.waitForFunction(() => document.title === "hidden");
        await topic(window, shows).waitFor();
      }),
    );

  it(
    "leads to where it is mended also when the window is opened only then, once",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await ask(page, "Where do the beans go?");
      await page.locator(".end-footer").waitFor();
      await fail(page, "limit");
      await page.getByRole("button", { name: "Change the limits" }).click();
      await page.waitForFunction(() => document.title === "hidden");
      const window = await beside(page, "index.html");
      await topic(window, "Limits").waitFor();
      const another = await beside(page, "index.html");
      await another.getByRole("heading", { name: "What can I do" }).waitFor();
    }),
  );
});

describe("words of the quick prompt that no model can answer", () => {
  it(
    "stay in the field, and a button leads to the choice of a model",
    inPage({ ...QUICK, mock: "first-run" }, async (page) => {
      const window = await beside(page, "index.html");
      await window.getByRole("button", { name: "Skip for now" }).click();
      await field(page).waitFor();
      await ask(page, "Where do the beans go?");
      const button = page.getByRole("alert").getByRole("button", { name: "Choose a model" });
      await button.waitFor();
      assert.equal(await field(page).inputValue(), "Where do the beans go?");
      await button.press("Enter");
      await page.waitForFunction(() => document.title === "hidden");
      await window.getByText("Choose who answers").waitFor();
      assert.equal(await field(page).inputValue(), "Where do the beans go?");
    }),
  );
});

describe("words that came before the quick prompt was there", () => {
  it(
    "are asked without what was chosen of an older context",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await page.evaluate(() =>
        window.__mock.quick({ context: { clipboard: { text: "the quick brown fox", letters: 19 } } }),
      );
      await page.getByRole("button", { name: "Add: Clipboard" }).click();
      await page.evaluate(() =>
        window.__mock.quick({
          context: { clipboard: { text: "a secret", letters: 8 } },
          typed: "Where do the beans go?",
          entered: true,
        }),
      );
      await page.locator(".user").waitFor();
      assert.equal(await page.evaluate(() => window.__mock.said("Where do the beans go?")), 1);
    }),
  );
});

describe("a session that the quick prompt begins", () => {
  /** No session is made before the page says `make()`, or `make(error)`; counts how many were asked for. */
  const slowly = (page) =>
    page.evaluate(() => {
      const { jamey } = window.__mock;
      window.create ??= jamey.createSession;
      const wait = new Promise((done) => {
        window.make = done;
      });
      window.asked = 0;
      jamey.createSession = async (wish) => {
        window.asked++;
        const error = await wait;
        if (error) throw error;
        return window.create(wish);
      };
    });
  const asked = (page) => page.evaluate(() => window.asked);

  it(
    "is one, however fast the next words follow",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await slowly(page);
      await ask(page, "Where do the beans go?");
      await ask(page, "And the peas?");
      await page.evaluate(() => window.make());
      await page.waitForFunction(() => window.__mock.said("And the peas?") === 1);
      assert.equal(await asked(page), 1);
      await page.waitForFunction(() => window.__mock.said("Where do the beans go?") === 1);
    }),
  );

  it(
    "is another after the new question, and is asked for again when it could not be made",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await slowly(page);
      await ask(page, "Where do the beans go?");
      const error = { code: "unreachable", message: "the runtime cannot be reached", retryable: true };
      await page.evaluate((error) => window.make(error), error);
      await page.getByRole("alert").waitFor();
      await slowly(page);
      await field(page).press("Enter");
      await page.evaluate(() => window.make());
      await page.locator(".end-footer").waitFor();
      await page.getByRole("button", { name: "New question" }).click();
      await ask(page, "And the peas?");
      await page.locator(".user", { hasText: "And the peas?" }).waitFor();
      assert.equal(await page.locator(".user").count(), 1);
      assert.equal(await asked(page), 2);
    }),
  );
});

describe("a long text that goes along with a question", () => {
  it(
    "says how much of it does, at its button and where it is quoted",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      const text = "Beans go north. ".repeat(1250).trim();
      await page.evaluate((text) => {
        window.__mock.quick({ context: { clipboard: { text, letters: 61_000 } } });
      }, text);
      const chip = page.getByRole("button", { name: "first 19,999 of 61,000 letters" });
      await chip.getByText("first 19,999 of 61,000 letters").waitFor();
      await chip.click();
      await ask(page, "What goes where?");
      const whole = `> ${text}\n\n[first 19,999 of 61,000 letters]\n\nWhat goes where?`;
      await page.waitForFunction((words) => window.__mock.said(words) === 1, whole);
    }),
  );
});

describe("an answer in the quick prompt", () => {
  const begin = async (page, words) => {
    await ask(page, words);
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.locator(".markdown").last().waitFor();
  };

  it(
    "is stopped by its button and by its key, and Esc hides without stopping",
    inPage(QUICK, async (page) => {
      await begin(page, "Where do the beans go?");
      assert.equal(await page.getByRole("button", { name: "Stop" }).getAttribute("title"), "Stop (Ctrl+.)");
      await page.getByRole("button", { name: "Stop" }).click();
      await page.locator(".end-stopped").waitFor();
      assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 0);
      assert.equal(await field(page).evaluate((field) => field === document.activeElement), true);
      await begin(page, "And the peas?");
      await field(page).press("Escape");
      assert.equal(await page.title(), "hidden");
      assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 1);
      await page.keyboard.type("half a qu");
      await page.keyboard.press("Control+.");
      await page.locator(".end-stopped").nth(1).waitFor();
      assert.equal(await field(page).inputValue(), "half a qu");
    }),
  );
});
