/** The key of the quick prompt in the settings. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { settings, suite } from "./page.mjs";

const inPage = suite();

it(
  "the key of the quick prompt is taken as it is pressed, and what cannot be one says why",
  inPage({}, async (page) => {
    await settings(page, "General");
    const field = page.getByRole("button", { name: /^Key for the quick prompt/ });
    await field.focus();
    await page.keyboard.press("Enter");
    assert.equal(await field.innerText(), "Press the keys, or Esc to leave it");
    await page.keyboard.press("Shift+a");
    await page.getByText("Not saved: Hold Ctrl, Alt or the system key").waitFor();
    await page.keyboard.press("Control+ArrowUp");
    await page.getByText("Not saved: That key cannot be one.").waitFor();
    await page.keyboard.press("Control+c");
    await page.getByText("Not saved: Every program needs these keys itself").waitFor();
    // The letter of a German keyboard that is where others have their Y.
    await field.dispatchEvent("keydown", { key: "z", code: "KeyY", ctrlKey: true, altKey: true, bubbles: true });
    await page.getByText("Saved").first().waitFor();
    assert.equal(await field.innerText(), "Ctrl+Alt+Z");
    // An engine where a click does not move the focus.
    await field.evaluate((one) => {
      document.getElementById("search").focus();
      one.click();
    });
    await page.keyboard.press("F9");
    await page.getByRole("button", { name: "Key for the quick prompt: F9" }).waitFor();
    await field.click();
    await page.keyboard.press("Escape");
    assert.equal(await field.innerText(), "F9");
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Key for the quick prompt: none" }).waitFor();
  }),
);
