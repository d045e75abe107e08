/** The banner that says that everything is held. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, suite } from "./page.mjs";

const inPage = suite();

describe("a pause", () => {
  it(
    "is told on every page and ended with one button",
    inPage({ mock: "paused" }, async (page) => {
      const banner = page.getByText("Paused. No model is asked and no tool starts.");
      await banner.waitFor();
      await accessible(page);
      await page.keyboard.press("Control+,");
      await banner.waitFor();
      await page.getByRole("button", { name: "Resume" }).click();
      await banner.waitFor({ state: "detached" });
    }),
  );

  it(
    "begins from the palette, which then offers its end",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      const choose = async (name) => {
        await page.keyboard.press("Control+k");
        await page.keyboard.type(name);
        await page.keyboard.press("Enter");
      };
      await choose("Pause everything");
      await page.locator(".bar.paused").waitFor();
      await choose("Resume");
      await page.locator(".bar.paused").waitFor({ state: "detached" });
      assert.equal(await page.locator(".toast").count(), 0);
    }),
  );
});
