/** Links in answers: what can be opened is asked about, what cannot be says why and can be copied. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, suite } from "./page.mjs";

const inPage = suite();
const LINKS = [
  "[the bank](https://bank.example@evil.example/)",
  `[the search](https://example.com/?q=${"a".repeat(5000)})`,
  "[the letter](mailto:ada@example.com?attach=/etc/passwd)",
  "[the file](src/main.rs)",
  "[the page](https://example.com/)",
];

/** Lets the garden's session answer with those links, to the end: what grows is drawn anew. */
const answered = async (page) => {
  await go(page, "Garden");
  const footers = page.locator(".end-footer");
  await footers.first().waitFor();
  const before = await footers.count();
  await page.evaluate(
    async (text) => {
      const { world } = window.__mock;
      const one = [...world.sessions.values()].find((session) => session.session.name === "Garden");
      one.begin();
      one.user("Where is it?");
      await one.answer(text);
      one.end();
    },
    LINKS.map((link) => `- ${link}`).join("\n"),
  );
  await footers.nth(before).waitFor();
  await page.locator(".md-link", { hasText: "the page" }).waitFor();
};

describe("a link that is not opened", () => {
  for (const [words, why] of [
    ["the bank", "A user name stands before the host"],
    ["the search", "Its address is longer than any"],
    ["the letter", "It would put more into a letter"],
  ])
    it(
      `says why and can be copied: ${words}`,
      inPage({ query: "&speed=20" }, async (page) => {
        await answered(page);
        await page.locator(".md-dead", { hasText: words }).focus();
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "This link cannot be opened" }).waitFor();
        await page.getByText(why).waitFor();
        assert.equal(await page.getByRole("button", { name: "Open in the browser" }).count(), 0);
        await accessible(page);
        await page.getByRole("button", { name: "Copy the address" }).click();
        const address = LINKS.find((link) => link.startsWith(`[${words}]`)).match(/\((.*)\)/)[1];
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
        assert.equal(await page.evaluate(() => window.__opened), undefined);
      }),
    );

  it(
    "is only words where it leads to no page, and one that is opened is asked about as ever",
    inPage({ query: "&speed=20" }, async (page) => {
      await answered(page);
      await page.locator(".md-dead", { hasText: "the file" }).click();
      assert.equal(await page.locator("dialog[open]").count(), 0);
      await page.locator(".md-link", { hasText: "the page" }).click();
      await page.getByRole("button", { name: "Open in the browser" }).click();
      assert.deepEqual(await page.evaluate(() => window.__opened), ["https://example.com/"]);
    }),
  );
});
