/** Full access never asks, so it is asked about before it is taken, wherever it is chosen. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, settings, suite } from "./page.mjs";

const inPage = suite();
const question = (page) => page.getByRole("dialog");
const give = (page) => page.getByRole("button", { name: "Give full access" });
const picker = (page) => page.getByRole("button", { name: /^What may happen without asking: / });
const focused = (page) => page.evaluate(() => document.activeElement?.textContent);
const chosen = (page) =>
  page.evaluate(() => window.__mock.world.sessions.get(location.hash.split("/")[1]).session.settings?.mode ?? "none");
const setting = (page) => page.getByRole("combobox", { name: "What may happen without asking" });
const kept = (page) => page.evaluate(() => window.__mock.jamey.config().then((view) => view.values.permissions.mode));

const asks = async (page, title) => {
  await question(page).getByRole("heading", { name: title }).waitFor();
  assert.equal(await focused(page), "Cancel");
};
/** As with keys alone: the last of the four. */
const byKeys = async (page) => {
  await picker(page).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: /^Full access/ }).waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
};

describe("full access", () => {
  it(
    "of a session is asked about, and taken only with a yes",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await byKeys(page);
      await asks(page, "Give this session full access?");
      await accessible(page);
      await page.keyboard.press("Escape");
      await question(page).waitFor({ state: "detached" });
      assert.equal(await picker(page).evaluate((button) => button === document.activeElement), true);
      assert.equal(await chosen(page), "none");
      await byKeys(page);
      await asks(page, "Give this session full access?");
      await page.keyboard.press("Enter");
      await question(page).waitFor({ state: "detached" });
      assert.equal(await chosen(page), "none");
      await byKeys(page);
      await give(page).click();
      await page.getByRole("button", { name: /: Full access$/ }).waitFor();
      assert.equal(await chosen(page), "full");
      // What it has already is no question.
      await picker(page).click();
      await page.getByRole("option", { name: /^Full access/ }).click();
      assert.equal(await question(page).count(), 0);
    }),
  );

  it(
    "is asked about from the palette too, and not on another page",
    inPage({}, async (page) => {
      await go(page, "Garden");
      const command = async () => {
        await page.keyboard.press("Control+k");
        await page.keyboard.type("mode: full");
        await page.keyboard.press("Enter");
      };
      await command();
      await asks(page, "Give this session full access?");
      await page.keyboard.press("Control+n");
      await question(page).waitFor({ state: "detached" });
      await go(page, "Garden");
      assert.equal(await chosen(page), "none");
      await command();
      await give(page).click();
      await page.getByRole("button", { name: /: Full access$/ }).waitFor();
    }),
  );

  it(
    "of a session that is not made yet is asked about",
    inPage({}, async (page) => {
      await page.getByRole("heading", { name: "What can I do" }).waitFor();
      await byKeys(page);
      await asks(page, "Give this session full access?");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /: Ask first$/ }).waitFor();
      await byKeys(page);
      await give(page).click();
      await page.getByRole("button", { name: /: Full access$/ }).waitFor();
    }),
  );

  it(
    "of all new sessions is asked about in the settings, which show what holds until then",
    inPage({}, async (page) => {
      await settings(page, "Tools");
      await setting(page).focus();
      await setting(page).selectOption("full");
      await asks(page, "Give all new sessions full access?");
      await accessible(page);
      await page.keyboard.press("Escape");
      await question(page).waitFor({ state: "detached" });
      assert.equal(await setting(page).inputValue(), "ask");
      assert.equal(await setting(page).evaluate((field) => field === document.activeElement), true);
      assert.equal(await kept(page), "ask");
      await setting(page).selectOption("auto-edit");
      await page.getByText("Saved").waitFor();
      assert.equal(await question(page).count(), 0);
      await setting(page).selectOption("full");
      await give(page).click();
      await page.waitForFunction(() => document.querySelector("select").value === "full");
      assert.equal(await kept(page), "full");
    }),
  );
});
