/** The key of the quick prompt in the settings. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, settings, suite } from "./page.mjs";

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
    await page.getByText("Not saved: That key cannot be used.").waitFor();
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

describe("a hotkey that cannot be had", () => {
  const trouble = (page) => page.getByText("The key for the quick prompt does not work");

  it(
    "is told once in the window, with the command to bind, and again when another one cannot be had",
    inPage({ query: "&wayland" }, async (page) => {
      await trouble(page).waitFor();
      await page.getByText("Ctrl+Shift+Space cannot be the hotkey").waitFor();
      await accessible(page);
      await page.getByRole("button", { name: "Copy the command" }).click();
      await page.getByText("Copied", { exact: true }).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "jamey-desktop --quick");
      await page.reload();
      await page.locator(".session").first().waitFor();
      await settings(page, "General");
      assert.equal(await trouble(page).count(), 0);
      await page.evaluate(() =>
        window.__mock.shell({ hotkey: "F9", hotkeyProblem: "F9 cannot be the hotkey: it is taken" }),
      );
      await trouble(page).waitFor();
      assert.equal(await page.locator(".toast", { hasText: "F9 cannot be the hotkey" }).count(), 1);
    }),
  );

  it(
    "is told on the page of the first run",
    inPage({ mock: "first-run", query: "&wayland" }, async (page) => {
      await page.getByRole("region", { name: "The key for the quick prompt does not work" }).waitFor();
      await page.locator(".first-hotkey code", { hasText: "jamey-desktop --quick" }).waitFor();
      assert.equal(await page.locator(".toast").count(), 0);
      await accessible(page);
    }),
  );
});
