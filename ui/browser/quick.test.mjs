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
        const window = await beside(page, "index.html");
        await message(window).waitFor();
        await ask(page, "Where do the beans go?");
        await page.locator(".end-footer").waitFor();
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
      await window.getByRole("button", { name: "Decide later" }).click();
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
