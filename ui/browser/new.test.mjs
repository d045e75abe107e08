/** The page where a session begins: it makes one, and lets the person go elsewhere meanwhile. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { go, message, suite } from "./page.mjs";

const inPage = suite();
const IDEA = "What is in this folder?";
const idea = (page) => page.getByRole("button", { name: IDEA });
const asked = (page) => page.evaluate(() => window.asked);
const said = (page, words, times = 1) =>
  page.waitForFunction(([words, times]) => window.__mock.said(words) === times, [words, times]);

/** No session is made before the page says `make()`, or `make(error)`; `asked` counts how many were wanted. */
const slowly = (page) =>
  page.evaluate(() => {
    const { jamey } = window.__mock;
    const create = jamey.createSession;
    window.asked = 0;
    jamey.createSession = async (wish) => {
      window.asked++;
      const error = await new Promise((done) => {
        window.make = done;
      });
      jamey.createSession = create;
      if (error) throw error;
      return create(wish);
    };
  });

const begin = async (page) => {
  await page.locator(".session").first().waitFor();
  await slowly(page);
};

describe("a session that begins slowly", () => {
  it(
    "is one for two clicks on a suggestion, and is asked once",
    inPage({ query: "&speed=20" }, async (page) => {
      await begin(page);
      await idea(page).dblclick();
      assert.equal(await idea(page).isDisabled(), true);
      await page.evaluate(() => window.make());
      await page.locator(".user", { hasText: IDEA }).waitFor();
      await page.locator(".end-footer").waitFor();
      assert.equal(await asked(page), 1);
      await said(page, IDEA);
    }),
  );

  it(
    "is one for words that follow fast",
    inPage({ query: "&speed=20" }, async (page) => {
      await begin(page);
      for (const words of ["Where do the beans go?", "And the peas?"]) {
        await message(page).fill(words);
        await page.keyboard.press("Enter");
      }
      await page.evaluate(() => window.make());
      await said(page, "Where do the beans go?");
      await said(page, "And the peas?");
      assert.equal(await asked(page), 1);
    }),
  );

  it(
    "does not pull back a person who went elsewhere, and is in the list",
    inPage({ query: "&speed=20" }, async (page) => {
      await begin(page);
      await message(page).fill("Where do the peas go?");
      await page.keyboard.press("Enter");
      await go(page, "Garden");
      await page.evaluate(() => window.make());
      await said(page, "Where do the peas go?");
      await page.locator(".session", { hasText: "Where do the peas go?" }).waitFor();
      assert.match(await page.locator("h1").innerText(), /garden/i);
    }),
  );

  it(
    "lets its suggestions be chosen again when it could not be made",
    inPage({ query: "&speed=20" }, async (page) => {
      await begin(page);
      await idea(page).click();
      const error = { code: "unreachable", message: "the runtime cannot be reached", retryable: true };
      await page.evaluate((error) => window.make(error), error);
      await page.locator(".toast", { hasText: "The message was not sent" }).waitFor();
      assert.equal(await message(page).evaluate((field) => field === document.activeElement), true);
      await idea(page).click();
      await page.locator(".user", { hasText: IDEA }).waitFor();
    }),
  );
});

it(
  "offers no suggestion while the runtime is away",
  inPage({}, async (page) => {
    await page.locator(".session").first().waitFor();
    assert.equal(await idea(page).isDisabled(), false);
    await page.evaluate(() => window.__mock.lose());
    await page.getByRole("button", { name: IDEA, disabled: true }).waitFor();
  }),
);
