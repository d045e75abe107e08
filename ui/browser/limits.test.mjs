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

it(
  "a limit is read with groups of digits and written without, and an empty field is none",
  inPage({}, async (page) => {
    await settings(page, "Limits");
    const field = page.getByLabel("Tokens of a day");
    assert.equal(await field.inputValue(), "1,000,000");
    await field.focus();
    assert.equal(await field.inputValue(), "1000000");
    await field.fill("");
    await page.keyboard.press("Enter");
    await page.getByText("Saved").first().waitFor();
    assert.equal(await field.inputValue(), "");
    assert.equal(await field.getAttribute("placeholder"), "No limit");
    const limits = await page.evaluate(() => window.__mock.jamey.config().then((view) => view.values.limits));
    assert.equal(limits.day_tokens, 0);
    const cost = page.getByLabel("Cost of a day");
    await cost.fill("2.5");
    await cost.blur();
    assert.equal(await cost.inputValue(), "2.50");
  }),
);
