/** Where the focus is: in the list over the page of a narrow window, after a name was given, and on a page that comes up. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, message, settings, suite } from "./page.mjs";

const inPage = suite();
const NARROW = { width: 640, height: 800 };
const opener = (page) => page.getByRole("button", { name: "Show the sidebar" });
const isAt = (page, selector) => page.waitForFunction((one) => document.activeElement?.matches(one), selector);
const run = async (page, words) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
};

describe("the list over the page", () => {
  it(
    "takes the focus, closes with Esc, and gives the focus back; the turn below goes on",
    inPage({ ...NARROW, mock: "streaming", query: "&speed=0.1" }, async (page) => {
      await opener(page).click();
      await page.locator(".session-open", { hasText: "What should a resident" }).first().click();
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await isAt(page, "#message");
      await page.keyboard.press("Control+b");
      await isAt(page, '.session-open[aria-current="page"]');
      assert.equal(await page.locator("main").evaluate((main) => main.inert), true);
      assert.equal(await page.locator(".header-sidebar").getAttribute("aria-expanded"), "true");
      await accessible(page);
      await page.setViewportSize(NARROW);
      for (let n = 0; n < 12; n++) {
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)), false);
      }
      await page.keyboard.press("Control+b");
      await isAt(page, "#message");
      await page.keyboard.press("Control+b");
      await page.keyboard.press("Escape");
      await page.locator(".sidebar").waitFor({ state: "detached" });
      await isAt(page, "#message");
      assert.equal(await page.locator(".header-sidebar").getAttribute("aria-expanded"), "false");
      assert.equal(await page.locator("main").evaluate((main) => main.inert), false);
      await page.evaluate(() => {
        const { jamey } = window.__mock;
        const { submit } = jamey;
        window.__ops = [];
        jamey.submit = (id, opId, op) => {
          window.__ops.push(op.type);
          return submit(id, opId, op);
        };
      });
      await page.keyboard.press("Control+b");
      await isAt(page, ".sidebar *");
      await page.keyboard.press("Escape");
      await isAt(page, "#message");
      assert.deepEqual(await page.evaluate(() => window.__ops), []);
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => window.__ops.join() === "interrupt");
    }),
  );

  it(
    "closes with Esc in its search, once that is empty, and stays below a menu that Esc closes",
    inPage(NARROW, async (page) => {
      await message(page).waitFor();
      await page.keyboard.press("Control+Shift+f");
      await isAt(page, "#search");
      await page.keyboard.type("Garden");
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("#search").inputValue(), "");
      await page.locator(".session", { hasText: "Garden" }).hover();
      await page.locator(".session", { hasText: "Garden" }).locator(".session-more").click();
      await page.getByRole("menu").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("menu").waitFor({ state: "detached" });
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.locator("#search").focus();
      await page.keyboard.press("Escape");
      await page.locator(".sidebar").waitFor({ state: "detached" });
      await isAt(page, "#message");
    }),
  );

  it(
    "gives way to a page that a key leads to, and to the message",
    inPage(NARROW, async (page) => {
      await opener(page).click();
      await isAt(page, ".sidebar *");
      await page.keyboard.press("Control+Shift+m");
      await page.locator("h1", { hasText: "Monitor" }).waitFor();
      await page.locator(".sidebar").waitFor({ state: "detached" });
      await page.keyboard.press("Control+n");
      await isAt(page, "#message");
      await page.keyboard.press("Control+b");
      await isAt(page, ".sidebar *");
      await page.keyboard.press("Control+l");
      await isAt(page, "#message");
      assert.equal(await page.locator(".sidebar").count(), 0);
    }),
  );
});

describe("Esc in the empty search of the list beside the page", () => {
  it(
    "leads to the message, and stops no turn",
    inPage({ mock: "streaming" }, async (page) => {
      await go(page, "What should a resident");
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await page.keyboard.press("Control+Shift+f");
      await page.keyboard.press("Escape");
      await isAt(page, "#message");
      assert.equal(await page.locator(".end-stopped").count(), 0);
    }),
  );
});

describe("a name that is left", () => {
  it(
    "by a click elsewhere holds, and the focus stays where that was",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.locator(".session-open", { hasText: "Garden" }).focus();
      await page.keyboard.press("F2");
      await page.keyboard.type("Beans");
      await message(page).click();
      await page.locator(".session-title", { hasText: "Beans" }).waitFor();
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await isAt(page, "#message");
      await run(page, "rename this");
      await isAt(page, ".session-rename");
      await page.keyboard.type("Peas");
      await page.locator("#search").click();
      await page.locator("h1", { hasText: "Peas" }).waitFor();
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await isAt(page, "#search");
    }),
  );
});

describe("what needs the message field", () => {
  const elsewhere = async (page) => {
    await go(page, "Garden");
    await page.keyboard.press("Control+Shift+m");
    await page.locator("h1", { hasText: "Monitor" }).waitFor();
  };

  it(
    "leads from another page to the session before it, and does it there",
    inPage({}, async (page) => {
      await elsewhere(page);
      await run(page, "go to the message");
      await page.locator("h1", { hasText: "Garden" }).waitFor();
      await isAt(page, "#message");
      await page.keyboard.press("Control+Shift+m");
      await page.locator("h1", { hasText: "Monitor" }).waitFor();
      await page.keyboard.press("Control+Shift+p");
      await page.locator("h1", { hasText: "Garden" }).waitFor();
      await page
        .getByRole("menu", { name: "Model" })
        .or(page.getByRole("listbox", { name: "Model" }))
        .first()
        .waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Shift+m");
      await page.locator("h1", { hasText: "Monitor" }).waitFor();
      const chooser = page.waitForEvent("filechooser");
      await run(page, "add files");
      await chooser;
      await page.locator("h1", { hasText: "Garden" }).waitFor();
    }),
  );

  it(
    "leads to a new session where the one before is deleted",
    inPage({}, async (page) => {
      await elsewhere(page);
      await page.locator(".session-open", { hasText: "Garden" }).focus();
      await page.keyboard.press("Delete");
      await page.keyboard.press("Control+l");
      await page.locator("h1", { hasText: "New session" }).waitFor();
      await isAt(page, "#message");
    }),
  );

  it(
    "is skipped to where there is one, and else the page",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.locator(".skip").focus();
      assert.equal(await page.locator(".skip").innerText(), "Skip to the message");
      await page.keyboard.press("Enter");
      await isAt(page, "#message");
      await page.keyboard.press("Control+Shift+e");
      await page.locator("h1", { hasText: "Usage" }).waitFor();
      await page.locator(".skip").focus();
      assert.equal(await page.locator(".skip").innerText(), "Skip to the page");
      await page.keyboard.press("Enter");
      await isAt(page, "h1");
    }),
  );
});

describe("a page that comes up by a key", () => {
  it(
    "begins at its title where what had the focus is gone",
    inPage({}, async (page) => {
      await go(page, "Garden");
      for (const [keys, title] of [
        ["Control+,", "Settings"],
        ["Control+Shift+m", "Monitor"],
        ["Control+Shift+e", "Usage"],
      ]) {
        await message(page).or(page.locator("h1")).first().focus();
        await page.keyboard.press(keys);
        await page.locator("h1", { hasText: title }).waitFor();
        await isAt(page, "h1");
      }
      await page.keyboard.press("Control+n");
      await isAt(page, "#message");
    }),
  );

  it(
    "keeps a number that was typed on the page before, and says which one is none",
    inPage({}, async (page) => {
      const limits = () => page.evaluate(() => window.__mock.jamey.config().then((view) => view.values.limits));
      await settings(page, "Limits");
      await page.locator(".number-field").first().fill("42");
      await page.keyboard.press("Control+n");
      await page.locator("h1", { hasText: "New session" }).waitFor();
      assert.equal((await limits()).max_turns, 42);
      await settings(page, "Limits");
      await page.locator(".number-field").first().fill("0");
      await page.keyboard.press("Control+n");
      await page.locator(".toast", { hasText: "Not saved" }).getByText("A whole number from 1 to").waitFor();
      assert.equal((await limits()).max_turns, 42);
    }),
  );

  it(
    "leaves the focus on the card of a key that was given or was not",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      const give = page.getByRole("button", { name: "Add a key: Google Gemini" });
      await give.click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await isAt(page, '[aria-label="Add a key: Google Gemini"]');
      await give.click();
      await page.getByLabel("Google Gemini API key").fill("sk-garden");
      await page.keyboard.press("Enter");
      await isAt(page, '[aria-label="Try it: Google Gemini"]');
    }),
  );
});
