/** Limits on tokens and cost in the settings. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { settings, suite } from "./page.mjs";

const inPage = suite();

it(
  "a limit on cost takes cents with either mark, and says what it does not take",
  inPage({}, async (page) => {
    await settings(page, "Limits");
    const field = page.getByLabel("Cost of a day");
    assert.equal(await field.inputValue(), "5");
    await field.fill("2,50");
    await page.keyboard.press("Enter");
    await page.getByText("Saved").first().waitFor();
    assert.equal(await field.inputValue(), "2.5");
    await field.fill("two");
    await page.keyboard.press("Enter");
    await page.getByText("A number from 0 to 1,000,000, such as 2.50").waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
  }),
);
