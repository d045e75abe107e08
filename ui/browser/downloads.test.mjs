/** A download: stopped, gone on with, found again by the next page, and given up. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, suite } from "./page.mjs";

const inPage = suite();
const named = (page) => (name) => page.getByRole("button", { name, exact: true });
const offer = (page) => page.getByRole("button", { name: /^Download / }).first();

async function begin(page) {
  await offer(page).click();
  await page.waitForFunction(() => document.querySelector(".download-bar")?.value > 0);
}

describe("a download", () => {
  it(
    "is stopped, goes on from where it was, and is given up",
    inPage({ mock: "first-run" }, async (page) => {
      const bar = page.locator(".download-bar");
      const button = named(page);
      await begin(page);
      await button("Pause").click();
      const stopped = await bar.evaluate((one) => one.value);
      await button("Go on").click();
      await page.waitForFunction((before) => document.querySelector(".download-bar")?.value > before, stopped);
      await accessible(page);
      await button("Cancel").click();
      await bar.waitFor({ state: "detached" });
      await offer(page).waitFor();
    }),
  );

  it(
    "is found by a page that comes later, running or stopped",
    inPage({ mock: "first-run" }, async (page) => {
      const button = named(page);
      await begin(page);
      await page.reload();
      await button("Pause").click();
      await page.reload();
      await button("Go on").click();
      await button("Pause").waitFor();
      assert.equal(await page.locator(".download-failed").count(), 0);
    }),
  );
});
