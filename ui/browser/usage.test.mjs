/** What was used: charts, the numbers behind them, limits, and every state of the page. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, message, suite } from "./page.mjs";

const inPage = suite();

async function usage(page) {
  await message(page).waitFor();
  await page.keyboard.press("Control+Shift+e");
}

describe("the usage page", () => {
  it(
    "shows a bar for each day, and the same numbers as a table by key",
    inPage({}, async (page) => {
      await usage(page);
      await page.locator(".band").first().waitFor();
      assert.match(
        await page.locator(".bars svg").getAttribute("aria-label"),
        /^Cost by day: \$\d+\.\d\d in all, most on /,
      );
      await page.locator(".chart-switch").focus();
      await page.keyboard.press("Enter");
      assert.equal(await page.locator(".bars-table tbody tr").count(), 30);
      await page.getByRole("radio", { name: "7 days" }).click();
      await page.waitForFunction(() => document.querySelectorAll(".bars-table tbody tr").length === 7);
      await page.getByRole("radio", { name: "Tokens" }).click();
      assert.match(await page.locator(".bars-table thead").innerText(), /qwen2.5-coder-1.5b/);
    }),
  );

  it(
    "says what is under the pointer",
    inPage({}, async (page) => {
      await usage(page);
      const chart = page.locator(".bars svg");
      await chart.waitFor();
      const box = await chart.boundingBox();
      await page.mouse.move(box.x + box.width - 4, box.y + 40);
      await page.locator(".bars-part").first().waitFor();
      assert.match(await page.locator(".bars-over").innerText(), /Nov|[A-Z][a-z]{2} \d/);
    }),
  );

  it(
    "says which calls have no price, and never calls them free",
    inPage({}, async (page) => {
      await usage(page);
      await page
        .getByText(/The price of \d+ calls is not known/)
        .first()
        .waitFor();
      assert.match(await page.locator(".usage-cost").innerText(), /^\$[\d.]+\+$/);
      const row = page.getByRole("row", { name: /qwen3-30b/ });
      assert.match(await row.innerText(), /price unknown/);
    }),
  );

  it(
    "leads from a session's row to the session, and from the limits to their settings",
    inPage({}, async (page) => {
      await usage(page);
      await page.getByText("reached").waitFor();
      await page.getByRole("progressbar", { name: /Cost of a day: 86%/ }).waitFor();
      await page.getByRole("button", { name: "Garden", exact: true }).last().click();
      await page.locator("h1", { hasText: "Garden" }).waitFor();
      await page.keyboard.press("Control+Shift+e");
      await page.getByRole("button", { name: "Change the limits" }).click();
      await page.locator(".group").first().waitFor();
    }),
  );

  it(
    "says why it has nothing to show, and asks again",
    inPage({ query: "&usage=failing" }, async (page) => {
      await usage(page);
      await page.getByText("the ledger could not be read").waitFor();
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("the ledger could not be read").waitFor();
    }),
  );
});

describe("what is shown", () => {
  const count = (page, name) =>
    page.evaluate((name) => {
      const { jamey } = window.__mock;
      const ask = jamey[name];
      window.__asked = 0;
      jamey[name] = (...given) => {
        window.__asked++;
        return ask(...given);
      };
    }, name);
  const asked = (page, times) => page.waitForFunction((times) => window.__asked >= times, times);
  /** The window goes out of sight, or comes back. */
  const see = (page, state) =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);

  it(
    "of the usage is asked for anew when a turn ends, and when the window is seen again",
    inPage({}, async (page) => {
      await usage(page);
      await page.locator(".band").first().waitFor();
      await count(page, "usage");
      await page.evaluate(() => {
        const [one] = window.__mock.world.sessions.values();
        one.begin();
        one.end();
      });
      await asked(page, 3);
      await see(page, "hidden");
      await see(page, "visible");
      await asked(page, 6);
    }),
  );

  it(
    "of the monitor says since when there is nothing newer, and fills what was missed",
    inPage({ begin: new Date("2026-03-05T15:20:00+01:00").getTime() }, async (page) => {
      await page.clock.resume();
      await page.getByRole("button", { name: "Monitor" }).click();
      await page.locator(".chart").first().waitFor();
      await page.evaluate(() => {
        const { jamey } = window.__mock;
        window.__monitor = jamey.monitor;
        jamey.monitor = async () => {
          throw { code: "storage", message: "the ring cannot be read", hint: "look with: jamey doctor" };
        };
      });
      await page.getByText(/^No reading since \d+:2\d.*: the ring cannot be read/).waitFor();
      assert.ok((await page.locator(".chart").count()) > 0);
      await accessible(page);
      await page.evaluate(() => {
        window.__mock.jamey.monitor = window.__monitor;
      });
      await page.getByText("No reading since").waitFor({ state: "detached" });
      await see(page, "hidden");
      await page.clock.fastForward(5 * 60_000);
      await count(page, "monitor");
      assert.equal(await page.evaluate(() => window.__asked), 0);
      await see(page, "visible");
      // The look itself, and what the history knows of the time before it.
      await asked(page, 2);
    }),
  );

  it(
    "of the monitor is announced while it is asked for",
    inPage({}, async (page) => {
      await message(page).waitFor();
      await page.evaluate(() => {
        window.__mock.jamey.monitor = () => new Promise(() => {});
      });
      await page.getByRole("button", { name: "Monitor" }).click();
      await page.getByRole("status", { name: "Loading" }).waitFor();
      await accessible(page);
    }),
  );
});

describe("assistive technology", () => {
  const STATES = {
    full: ["", ".band"],
    table: ["", ".chart-switch"],
    many: ["&usage=many", ".band"],
    empty: ["&usage=empty", ".usage-empty"],
    failed: ["&usage=failing", ".usage-failed"],
    loading: ["&usage=slow", ".page-loading"],
  };
  for (const [name, [query, there]] of Object.entries(STATES)) {
    for (const theme of ["light", "dark"]) {
      it(
        `finds nothing serious in the usage page, ${name}, ${theme}`,
        inPage({ query, theme }, async (page) => {
          await usage(page);
          await page.locator(there).first().waitFor();
          if (name === "table") await page.locator(there).click();
          await page.waitForTimeout(300);
          await accessible(page);
        }),
      );
    }
  }
});
