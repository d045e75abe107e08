/** The model of new sessions: one that cannot answer is shown as that, and every way out of it works. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, message, settings, suite } from "./page.mjs";

const inPage = suite();
const CODER = "local/qwen2.5-coder-1.5b";
const chosen = (page) => page.evaluate(() => window.__mock.jamey.config().then((view) => view.values.models.default));
const choose = (page, id) => page.evaluate((id) => window.__mock.jamey.setConfig("models.default", id), id);
const field = (page) => page.getByLabel("Model of new sessions");
const shown = (page) => field(page).evaluate((one) => one.selectedOptions[0].textContent);

describe("the model of new sessions", () => {
  it(
    "is shown by its name when it cannot answer, and another one mends that",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await choose(page, "local/smollm2-135m");
      await settings(page, "Models");
      await page.getByText("It cannot answer now.").waitFor();
      assert.equal(await shown(page), "local/smollm2-135m (not available)");
      await accessible(page);
      await field(page).selectOption("");
      await page.getByText("It cannot answer now.").waitFor({ state: "detached" });
      assert.equal(await shown(page), "Chosen by Jamey");
      assert.equal(await field(page).locator("option", { hasText: "not available" }).count(), 0);
    }),
  );

  it(
    "is chosen by Jamey again after the one that was chosen is removed, as the question says",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await choose(page, CODER);
      await settings(page, "Models");
      await page.waitForFunction(() => document.querySelector(".setting.model .tag")?.textContent === "Default");
      await page.getByRole("button", { name: "Remove", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("New sessions use it now.").waitFor();
      await dialog.getByRole("button", { name: "Remove" }).click();
      await page.waitForFunction(() => !document.querySelector(".setting.model .tag.good"));
      await page.waitForFunction(() => document.querySelector("select").value === "");
      assert.equal(await chosen(page), "");
    }),
  );

  it(
    "stays when another one is removed",
    inPage({}, async (page) => {
      await settings(page, "Models");
      const before = await chosen(page);
      await page.getByRole("button", { name: "Remove", exact: true }).click();
      const dialog = page.getByRole("dialog");
      assert.equal(await dialog.getByText("New sessions use it now.").count(), 0);
      await dialog.getByRole("button", { name: "Remove" }).click();
      await page.waitForFunction(() => !document.querySelector(".setting.model .tag.good"));
      assert.equal(await chosen(page), before);
    }),
  );
});

describe("the first run", () => {
  const download = (page) =>
    page
      .getByRole("button", { name: /^Download / })
      .first()
      .click();

  it(
    "makes a downloaded model the one of new sessions where the chosen one cannot answer, without a flicker",
    inPage({ mock: "first-run", query: "&speed=20" }, async (page) => {
      await page.getByText("Choose who answers").waitFor();
      await choose(page, "openai/gpt-5");
      // The list comes late: until then the button to download does not come back.
      await page.evaluate(() => {
        const { jamey } = window.__mock;
        const { models } = jamey;
        window.__offers = [];
        const best = document.querySelector(".offer.best");
        new MutationObserver(() => window.__offers.push(best.querySelector(".button.accent")?.textContent)).observe(
          best,
          {
            childList: true,
          },
        );
        jamey.models = () =>
          new Promise((done) => {
            window.come = () => {
              jamey.models = models;
              done(models());
            };
          });
      });
      await download(page);
      await page.waitForFunction(() => window.come);
      await page.getByText("Verifying the download").waitFor();
      await page.evaluate(() => window.come());
      await page.getByRole("button", { name: "Start a session" }).waitFor();
      const offers = await page.evaluate(() => window.__offers.filter(Boolean));
      assert.ok(offers.length > 0 && offers.every((offer) => offer === "Start a session"), offers.join());
      await page.waitForFunction(
        (coder) => window.__mock.jamey.config().then((view) => view.values.models.default === coder),
        CODER,
      );
      // Also for whoever goes on another way.
      await page.getByRole("button", { name: "Skip for now" }).click();
      await message(page).fill("Where do the beans go in the garden?");
      await page.keyboard.press("Enter");
      await page.locator(".end-footer").waitFor();
    }),
  );

  it(
    "leads into a session that answers with a model that was here before",
    inPage({ mock: "first-run", query: "&speed=20" }, async (page) => {
      await page.getByText("Choose who answers").waitFor();
      await download(page);
      await page.getByRole("button", { name: "Start a session" }).waitFor();
      await choose(page, "openai/gpt-5");
      await page.getByRole("button", { name: "Skip for now" }).click();
      await message(page).fill("Hello?");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Choose a model" }).click();
      await page.getByRole("button", { name: "Start a session" }).click();
      await page.locator("h1", { hasText: "New session" }).waitFor();
      assert.equal(await chosen(page), CODER);
    }),
  );
});

describe("the provider of this computer", () => {
  it(
    "says in words that it has no model, and leads to where one is had",
    inPage({ mock: "first-run" }, async (page) => {
      await page.getByRole("button", { name: "Skip for now" }).click();
      await settings(page, "Providers");
      const card = page.getByRole("region", { name: "This computer", exact: true });
      await card.getByText("No model for this computer is here yet.").waitFor();
      assert.equal(await page.getByText("jamey models pull").count(), 0);
      await card.getByRole("button", { name: "Open the models" }).click();
      await page.getByRole("heading", { name: "Models for this computer" }).waitFor();
    }),
  );

  it(
    "is ready with what is here",
    inPage({}, async (page) => {
      await settings(page, "Providers");
      const card = page.getByRole("region", { name: "This computer", exact: true });
      await card.getByText("Ready", { exact: true }).waitFor();
      await card.getByText("1 model here").waitFor();
    }),
  );
});

it(
  "the local API says where it is and where its token lies, as long as it is open",
  inPage({}, async (page) => {
    await settings(page, "Advanced");
    assert.equal(await page.getByText("api-token").count(), 0);
    await page.getByRole("switch", { name: "Enable the local API" }).click();
    await page.getByText("http://127.0.0.1:3000").waitFor();
    await page.getByText("/.local/share/jamey-code/api-token").waitFor();
    await accessible(page);
    await page.getByRole("button", { name: "Copy: Address" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "http://127.0.0.1:3000");
    await page.getByRole("switch", { name: "Enable the local API" }).click();
    await page.getByText("api-token").waitFor({ state: "detached" });
  }),
);
