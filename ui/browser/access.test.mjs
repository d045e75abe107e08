/**
 * Assistive technology in every state that there is a picture of: wide and narrow, light and dark, in each language.
 * A state is reached twice, in English; the colours and the language change where it stands.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STATES } from "../shots/states.mjs";
import { accessible, suite } from "./page.mjs";

const inPage = suite();

const SIZES = [
  {
    name: "wide",
    width: 1280,
    height: 800,
    looks: [
      { language: "en", theme: "light" },
      { language: "de", theme: "dark" },
    ],
  },
  {
    name: "narrow",
    width: 720,
    height: 900,
    looks: [
      { language: "en", theme: "dark" },
      { language: "zh", theme: "light" },
    ],
  },
];

/** Chooses a language as another window of Jamey would. */
async function speak(page, language) {
  await page.evaluate((language) => {
    localStorage.setItem(
      "jamey.prefs",
      JSON.stringify({ ...JSON.parse(localStorage["jamey.prefs"] ?? "{}"), language }),
    );
    dispatchEvent(new StorageEvent("storage", { key: "jamey.prefs" }));
  }, language);
  await page.waitForFunction((language) => document.documentElement.lang.startsWith(language), language);
}

describe("every state", () => {
  for (const { name, looks, ...size } of SIZES) {
    for (const state of STATES.filter((one) => name === "wide" || !one.size)) {
      it(
        `has nothing serious for assistive technology: ${state.name}, ${name}`,
        inPage({ ...state, ...(state.size ?? size), theme: looks[0].theme }, async (page) => {
          await page.locator("#root > *").first().waitFor();
          await state.go?.(page);
          for (const { language, theme } of looks) {
            await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
            if (!state.language) await speak(page, language);
            await accessible(page, `${state.name}, ${name}, ${language}, ${theme}`);
          }
          // Nothing is wider than the page in any language.
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        }),
      );
    }
  }
});
