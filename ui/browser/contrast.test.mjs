/** Contrast themes of the system: what is on or chosen there looks unlike what is not, without a colour of ours. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { go, message, settings, suite } from "./page.mjs";

const inPage = suite();

/** How an element looks that is told from others by its colours: its own, or those of a part that is drawn for it. */
const look = (locator, part) =>
  locator.first().evaluate((one, part) => {
    const { color, backgroundColor, borderColor } = getComputedStyle(one, part);
    return [color, backgroundColor, borderColor].join(" ");
  }, part);

async function differ(one, other, part) {
  const [a, b] = await Promise.all([look(one, part), look(other, part)]);
  assert.notEqual(a, b);
}

describe("in a contrast theme", () => {
  for (const theme of ["light", "dark"]) {
    it(
      `switches, segments, topics, rows and menus show what is chosen, ${theme}`,
      inPage({ theme, forcedColors: "active" }, async (page) => {
        await go(page, "Garden");
        await differ(page.locator(".session.here .session-open"), page.locator(".session:not(.here) .session-open"));
        await page.getByRole("button", { name: "Actions for “Garden”" }).click();
        await differ(page.locator(".menu-item:focus"), page.locator(".menu-item:not(:focus)"));
        await page.keyboard.press("Escape");
        await page.keyboard.press("Control+k");
        await differ(page.locator('.option[aria-selected="true"]'), page.locator('.option[aria-selected="false"]'));
        await page.keyboard.press("Escape");
        await settings(page, "General");
        // Not as they look below the pointer.
        await page.mouse.move(0, 0);
        await differ(page.locator('.topics [aria-current="page"]'), page.locator(".topics button:not([aria-current])"));
        await differ(page.getByRole("radio", { checked: true }), page.getByRole("radio", { checked: false }));
        const [on, off] = ["true", "false"].map((is) => page.locator(`.switch[aria-checked="${is}"]`));
        await differ(on, off, "::before");
      }),
    );
  }

  it(
    "the message and what floats have a line around them",
    inPage({ forcedColors: "active" }, async (page) => {
      await message(page).waitFor();
      await page.keyboard.press("Control+k");
      for (const one of [".composer", ".palette"]) {
        const width = await page.locator(one).evaluate((box) => getComputedStyle(box).borderTopWidth);
        assert.equal(width, "1px", one);
      }
    }),
  );
});

it(
  "the row that Enter takes has a mark that is three times as light or dark as what is behind it",
  inPage({}, async (page) => {
    await go(page, "Garden");
    await page.keyboard.press("Control+k");
    for (const theme of ["light", "dark"]) {
      await page.evaluate((theme) => {
        document.documentElement.dataset.theme = theme;
      }, theme);
      const contrast = await page.locator('.option[aria-selected="true"]').evaluate((one) => {
        const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const light = (colour) => {
          pen.fillStyle = colour;
          pen.fillRect(0, 0, 1, 1);
          const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((value) => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
        };
        const mark = /\w+\([^)]*\)/.exec(getComputedStyle(one).boxShadow)?.[0];
        const behind = getComputedStyle(one.closest(".palette")).backgroundColor;
        const [a, b] = [light(mark), light(behind)];
        return Math.max(a, b) / Math.min(a, b);
      });
      assert.ok(contrast >= 3, `${theme}: ${contrast}`);
    }
  }),
);
