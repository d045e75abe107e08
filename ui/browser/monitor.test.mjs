/** The monitor: its charts with their scale and time, and its tables where there is little room. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { suite } from "./page.mjs";

const inPage = suite();
const NARROW = { width: 720, height: 900 };

async function monitor(page) {
  await page.getByRole("button", { name: "Monitor" }).click();
  await page.locator(".chart").first().waitFor();
}
/** No table needs to be scrolled sideways. */
const fits = (page) =>
  page.evaluate(() => [...document.querySelectorAll(".table")].every((one) => one.scrollWidth <= one.clientWidth));

describe("the charts of the monitor", () => {
  it(
    "say the top of their scale, and the value where the pointer is",
    inPage({}, async (page) => {
      await monitor(page);
      const chart = page.locator(".chart", { hasText: "CPU" }).first();
      assert.match(await chart.locator(".chart-scale").innerText(), /100%/);
      const box = await chart.locator("svg").boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await chart.getByText(/ · \d+%$/).waitFor();
    }),
  );

  for (const [name, size, columns] of [
    ["three", {}, 3],
    ["two", NARROW, 2],
  ])
    it(
      `have their time below the last of ${name} columns alone`,
      inPage(size, async (page) => {
        await monitor(page);
        const charts = page.locator(".charts").first().locator(".chart");
        const count = await charts.count();
        const ends = charts.locator(".chart-ends:visible");
        assert.equal(await ends.count(), count % columns || columns);
        assert.match(await ends.first().innerText(), /^15 min ago\s+now$/);
      }),
    );
});

describe("a narrow window", () => {
  it(
    "has the tables of the monitor whole, with what failed below its provider",
    inPage(NARROW, async (page) => {
      await monitor(page);
      await page.getByText("Paused for 25 s · Last failure: connection refused").waitFor();
      assert.ok(await fits(page));
    }),
  );

  it(
    "has the tables of the usage whole",
    inPage(NARROW, async (page) => {
      await page.locator("#message").waitFor();
      await page.keyboard.press("Control+Shift+e");
      await page.getByRole("columnheader", { name: "In / Out" }).first().waitFor();
      assert.ok(await fits(page));
    }),
  );
});
