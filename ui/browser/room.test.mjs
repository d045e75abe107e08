/** What a page does with its room: one edge for all that stands on it, and nothing that is cut to nonsense. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { go, settings, suite } from "./page.mjs";

const inPage = suite();
const WIDTHS = [480, 560, 720, 900, 1280];

async function show(page, title) {
  if (page.viewportSize().width < 720) await page.getByRole("button", { name: "Show the sidebar" }).click();
  await go(page, title);
}

/** Left and right of the first that fits, without what it has of space inside. */
const sides = (page, selector, isInside = false) =>
  page
    .locator(selector)
    .first()
    .evaluate((box, isInside) => {
      const { left, right } = box.getBoundingClientRect();
      const style = getComputedStyle(box);
      const room = (side) => (isInside ? Number.parseFloat(style[side]) : 0);
      return [left + room("paddingLeft"), right - room("paddingRight")].map(Math.round);
    }, isInside);

/** Which parts of a line are seen, and whether one of them is cut. */
const parts = (page, selector) =>
  page
    .locator(selector)
    .last()
    .evaluate((line) => {
      const room = line.getBoundingClientRect();
      const all = [...line.children].map((part) => ({
        text: part.textContent.trim(),
        box: part.getBoundingClientRect(),
      }));
      const seen = all.filter(({ box }) => box.top < room.bottom - 1 && box.width > 0);
      return {
        seen: seen.map(({ text }) => text),
        isCut: seen.some(({ box }) => box.right > room.right + 1 || box.left < room.left - 1),
      };
    });

describe("a session", () => {
  for (const width of WIDTHS) {
    it(
      `has cards, words and the message at one edge, ${width} wide`,
      inPage({ width, height: 900 }, async (page) => {
        await show(page, "Clean up the old");
        await page.locator(".approval").waitFor();
        assert.deepEqual(await sides(page, ".approval"), await sides(page, ".composer"));
        assert.deepEqual(await sides(page, ".approval", true), await sides(page, "#message", true));
        assert.deepEqual((await sides(page, ".column", true))[0], (await sides(page, "#message", true))[0]);
      }),
    );

    it(
      `leaves parts out whole where there is no room, ${width} wide`,
      inPage({ width, height: 900 }, async (page) => {
        await show(page, "Which index");
        await page.locator(".end-said").last().waitFor();
        for (const line of [".header-about", ".composer-used", ".end-said"]) {
          assert.equal((await parts(page, line)).isCut, false, line);
        }
        assert.match((await parts(page, ".end-said")).seen.join(" "), /^gpt-5-mini · 5\.1 s/);
        assert.match((await parts(page, ".composer-used")).seen[0] ?? "", /^6\.8k \/ 400k$|^$/);
        if (width === 1280) {
          assert.equal((await parts(page, ".end-said")).seen.length, 5);
          assert.equal((await parts(page, ".composer-used")).seen.length, 3);
          assert.deepEqual((await parts(page, ".header-about")).seen, ["~/code/jamey", "· gpt-5-mini"]);
        }
      }),
    );
  }

  it(
    "that begins has its words at the edge of the message",
    inPage({ width: 720, height: 900 }, async (page) => {
      await page.getByRole("heading", { name: "What can I do" }).waitFor();
      assert.deepEqual(await sides(page, ".start h2"), await sides(page, "#message", true));
    }),
  );
});

describe("a line below the title is shown only while something is hidden above", () => {
  for (const [name, selector, open] of [
    ["a session", ".scroller", (page) => go(page, "Which index")],
    ["the settings", ".settings", (page) => settings(page, "General")],
    ["the monitor", ".monitor", (page) => page.keyboard.press("Control+Shift+M")],
    ["the usage", ".monitor", (page) => page.keyboard.press("Control+Shift+E")],
  ])
    it(
      name,
      inPage({ height: 400, reducedMotion: "reduce" }, async (page) => {
        await page.locator("#message").waitFor();
        await open(page);
        const box = page.locator(selector);
        const isSeen = (wanted) =>
          box.evaluate(
            (box, wanted) =>
              new Promise((done) => {
                const look = () => {
                  const line = getComputedStyle(box).borderTopColor;
                  if ((line !== "rgba(0, 0, 0, 0)") === wanted) done();
                  else requestAnimationFrame(look);
                };
                look();
              }),
            wanted,
          );
        await page.waitForFunction((selector) => {
          const box = document.querySelector(selector);
          return box && box.scrollHeight > box.clientHeight + 60;
        }, selector);
        await box.evaluate((box) => box.scrollTo(0, 0));
        await isSeen(false);
        await box.evaluate((box) => box.scrollTo(0, 40));
        await isSeen(true);
        await box.evaluate((box) => box.scrollTo(0, 0));
        await isSeen(false);
      }),
    );
});

describe("a question", () => {
  for (const width of [720, 1280]) {
    it(
      `has both its plain answers side by side, ${width} wide`,
      inPage({ width, height: 900 }, async (page) => {
        await go(page, "Clean up the old");
        const top = async (name) => (await page.getByRole("button", { name, exact: true }).boundingBox()).y;
        assert.equal(await top("Allow once"), await top("Deny"));
        assert.equal(await top("Allow for this session"), await top("Always for exactly this"));
        const isApart = (await top("Allow for this session")) > (await top("Deny"));
        assert.equal(isApart, width === 720);
      }),
    );
  }
});
