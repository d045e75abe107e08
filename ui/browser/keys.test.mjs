/** Keys of providers: given, kept, tried, removed, and never seen again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, message, more, settings, suite } from "./page.mjs";

const inPage = suite();
const SECRET = "sk-test-0123456789";

/** Holds the page to knowing nothing of a key that was sent. */
async function forgotten(page) {
  const places = await page.evaluate(() => ({
    page: document.documentElement.outerHTML,
    fields: [...document.querySelectorAll("input, textarea")].map((field) => field.value).join(" "),
    kept: JSON.stringify({ ...localStorage }),
  }));
  for (const [place, text] of Object.entries(places)) assert.ok(!text.includes(SECRET), `the key is in: ${place}`);
}

const provider = (page, name) => page.getByRole("region", { name, exact: true });

describe("the settings of providers", () => {
  it(
    "take a key by keys alone, say where it is kept, and try it at once",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      await page.getByRole("button", { name: "Add a key: Google Gemini" }).focus();
      await page.keyboard.press("Enter");
      const field = page.getByLabel("Google Gemini API key");
      assert.equal(await field.getAttribute("type"), "password");
      assert.equal(await field.evaluate((box) => box === document.activeElement), true);
      await page.keyboard.insertText(SECRET);
      await page.keyboard.press("Enter");
      await provider(page, "Google Gemini").getByText("The key is kept in the system’s keychain.").waitFor();
      await provider(page, "Google Gemini").getByText("It answers, in 420 ms · 22 models").waitFor();
      await forgotten(page);
      await more(page, "Google Gemini", "Remove the key");
      await page.getByRole("dialog").getByRole("button", { name: "Remove the key" }).click();
      await page.getByRole("button", { name: "Add a key: Google Gemini" }).waitFor();
    }),
  );

  it(
    "say when another key comes first, and do not try the one that is not used",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      await more(page, "OpenAI", "Replace the key");
      await page.getByLabel("OpenAI API key").fill(SECRET);
      await page.getByRole("button", { name: "Save key" }).click();
      await page.getByText("because the one in the environment (OPENAI_API_KEY) comes first").waitFor();
      assert.equal(await provider(page, "OpenAI").getByText("It answers").count(), 0);
    }),
  );

  it(
    "keep a key that was not taken in its field, say why, and let go with Esc",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      await page.getByRole("button", { name: "Add a key: Google Gemini" }).click();
      await page.keyboard.press("Enter");
      await page.getByText("paste the key first").waitFor();
      await page.getByLabel("Google Gemini API key").fill("two words");
      await page.keyboard.press("Enter");
      await page.getByText("a key has no space in it").waitFor();
      assert.equal(await page.getByLabel("Google Gemini API key").inputValue(), "two words");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Add a key: Google Gemini" }).waitFor();
    }),
  );

  it(
    "try a provider and say why it does not answer",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      await page.getByRole("button", { name: "Try it: home-server" }).click();
      await provider(page, "home-server").getByText("see that it runs, then try again").waitFor();
    }),
  );
});

describe("the first run", () => {
  it(
    "has one button that stands out until a key is typed, and no empty list beside it",
    inPage({ mock: "first-run" }, async (page) => {
      await page
        .getByRole("button", { name: /^Download/ })
        .first()
        .waitFor();
      assert.equal(await page.locator(".sidebar").count(), 0);
      const loud = page.locator(".button.accent");
      assert.deepEqual(await loud.allInnerTexts(), ["Download 1.1 GB"]);
      await page.getByLabel("OpenAI API key").fill("sk");
      assert.ok((await loud.allInnerTexts()).includes("Save key"));
      await page.getByLabel("OpenAI API key").fill("");
      assert.equal(await loud.count(), 1);
    }),
  );

  it(
    "takes a key and ends in an answer",
    inPage({ mock: "first-run", query: "&speed=8" }, async (page) => {
      await page.getByLabel("Provider", { exact: true }).selectOption("anthropic");
      await page.getByLabel("Anthropic API key").fill(SECRET);
      await page.keyboard.press("Enter");
      await page.getByText("It answers, in 420 ms · 9 models").waitFor();
      await forgotten(page);
      await page.getByLabel("Model", { exact: true }).selectOption("anthropic/large");
      await page.getByRole("button", { name: "Start a session" }).click();
      await message(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.locator(".end-footer").waitFor();
      assert.match(await page.locator(".end-footer").innerText(), /large/);
    }),
  );

  it(
    "asks again for a key that the provider refused",
    inPage({ mock: "first-run", query: "&speed=8" }, async (page) => {
      await page.getByLabel("OpenAI API key").fill("sk-wrong");
      await page.keyboard.press("Enter");
      await page.getByText("openai refused the key (401)").waitFor();
      assert.equal(await page.getByRole("button", { name: "Start a session" }).count(), 0);
      await page.getByLabel("OpenAI API key").fill(SECRET);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Start a session" }).waitFor();
    }),
  );
});

describe("assistive technology", () => {
  for (const theme of ["light", "dark"]) {
    it(
      `finds nothing serious while a key is given and tried, ${theme}`,
      inPage({ theme, query: "&speed=8" }, async (page) => {
        await settings(page, "Providers");
        await page.getByRole("button", { name: "Try it: home-server" }).click();
        await more(page, "Anthropic", "Replace the key");
        await page.keyboard.press("Enter");
        await page.getByText("see that it runs").waitFor();
        await accessible(page);
      }),
    );
    it(
      `finds nothing serious in a first run with a refused key, ${theme}`,
      inPage({ mock: "first-run", theme, query: "&speed=8" }, async (page) => {
        await page.getByLabel("OpenAI API key").fill("sk-wrong");
        await page.keyboard.press("Enter");
        await page.getByText("openai refused the key (401)").waitFor();
        await accessible(page);
      }),
    );
  }
});
