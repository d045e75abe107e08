/** Asking once more: what began the turn, from wherever it is asked for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, message, suite } from "./page.mjs";

const inPage = suite();
const FAST = { query: "&speed=20" };
const again = (page) => page.locator(".end-again");
const said = (page, words, times) =>
  page.waitForFunction(([words, times]) => window.__mock.said(words) === times, [words, times]);
/** What was asked of the runtime from now on is in `ops`. */
const watch = (page) =>
  page.evaluate(() => {
    const { jamey } = window.__mock;
    const { submit } = jamey;
    window.ops = [];
    jamey.submit = (id, opId, op) => {
      window.ops.push(op);
      return submit(id, opId, op);
    };
  });
const ops = (page) => page.evaluate(() => window.ops);
const ask = async (page, words) => {
  await message(page).fill(words);
  await page.keyboard.press("Enter");
};

describe("an answer that went well", () => {
  it(
    "can be asked for again, quietly, and only the last one",
    inPage(FAST, async (page) => {
      await go(page, "Garden");
      assert.equal(await again(page).count(), 1);
      await accessible(page);
      await again(page).getByRole("button", { name: "Try again", exact: true }).click();
      await said(page, "Thank you!", 2);
    }),
  );

  it(
    "can be asked of another model by keys alone, for this turn",
    inPage(FAST, async (page) => {
      await go(page, "Garden");
      await watch(page);
      await page.keyboard.press("Control+k");
      await page.keyboard.type("with another model");
      await page.keyboard.press("Enter");
      await page.getByRole("menuitemradio", { name: /home-server/ }).waitFor();
      await page.keyboard.type("qwen3");
      await page.keyboard.press("Enter");
      await said(page, "Thank you!", 2);
      assert.deepEqual(
        (await ops(page)).map((op) => op.settings),
        [{ model: "home-server/qwen3-30b" }],
      );
      await page.locator(".end-footer", { hasText: "qwen3-30b" }).waitFor();
      // The session keeps its own.
      await page.getByRole("button", { name: "Model: gpt-5-mini", exact: true }).waitFor();
    }),
  );

  it(
    "is led to from far above",
    inPage({ mock: "long" }, async (page) => {
      await go(page, "A very long session");
      const top = page.locator(".scroller");
      await top.evaluate((box) => box.scrollTo(0, 0));
      await page.getByText("Question 1:", { exact: false }).waitFor();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("with another model");
      await page.keyboard.press("Enter");
      await page.getByRole("menuitemradio", { name: /home-server/ }).waitFor();
      await page.getByText("Question 1250:", { exact: false }).waitFor();
    }),
  );
});

describe("a turn that was stopped or failed", () => {
  it(
    "begins again with its own words, not with what was said on the way",
    inPage({ query: "&speed=4" }, async (page) => {
      await go(page, "Garden");
      await ask(page, "Where do the beans go?");
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await ask(page, "and quickly");
      await said(page, "and quickly", 1);
      await page.keyboard.press("Escape");
      await page.locator(".end-stopped").waitFor();
      await again(page).getByRole("button", { name: "Try again", exact: true }).click();
      await said(page, "Where do the beans go?", 2);
      assert.equal(await page.evaluate(() => window.__mock.said("and quickly")), 1);
    }),
  );

  it(
    "sums up again where that is what was stopped",
    inPage({ query: "&speed=0.2" }, async (page) => {
      await go(page, "Garden");
      await watch(page);
      await ask(page, "/compact");
      await page.getByRole("button", { name: "Stop" }).click();
      await page.locator(".end-stopped").waitFor();
      // Whose model would sum up is the session's to say.
      assert.equal(await again(page).getByRole("button").count(), 1);
      await again(page).getByRole("button", { name: "Try again" }).click();
      await page.waitForFunction(() => window.ops.filter((op) => op.type === "compact").length === 2);
      assert.ok((await ops(page)).every((op) => op.type !== "start_turn"));
    }),
  );

  it(
    "tells what it cost, and gives what it had said",
    inPage(FAST, async (page) => {
      await go(page, "Garden");
      await ask(page, "answer partly");
      await page.locator(".end-failed").waitFor();
      const footer = page.locator(".end-footer").last();
      assert.match(await footer.innerText(), /\$0\.00.*900\sin,\s120\sout/s);
      await footer.getByRole("button", { name: "Copy the answer" }).click();
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^Three beds/);
    }),
  );
});

describe("what is chosen while a turn runs", () => {
  const running = async (page) => {
    await go(page, "Garden");
    await ask(page, "Where do the beans go?");
    await page.getByRole("button", { name: "Stop" }).waitFor();
  };
  const choose = async (page, picker, option) => {
    await page.getByRole("button", { name: picker }).click();
    await page.getByRole("option", { name: option }).click();
  };
  const later = (page) => page.locator(".composer-later");

  it(
    "says that a wider mode and another model count from the next turn, until that comes",
    inPage({}, async (page) => {
      await running(page);
      assert.equal(await later(page).count(), 0);
      await choose(page, /^What may happen/, /^Full access/);
      await page.getByRole("button", { name: "Give full access" }).click();
      await page.getByRole("status").getByText("The mode applies from the next turn.").waitFor();
      await choose(page, /^Model:/, /qwen3-30b/);
      await page.getByRole("status").getByText("Model and mode apply from the next turn.").waitFor();
      await accessible(page);
      await page.keyboard.press("Escape");
      await page.locator(".end-stopped").waitFor();
      assert.equal(await later(page).count(), 0);
    }),
  );

  it(
    "says nothing of a narrower mode, which counts at once",
    inPage({}, async (page) => {
      await running(page);
      await choose(page, /^What may happen/, /^Read only/);
      await page.getByRole("button", { name: /Read only$/ }).waitFor();
      assert.equal(await later(page).count(), 0);
    }),
  );
});
