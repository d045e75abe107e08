/** A download: stopped, gone on with, found again by the next page, and given up. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, suite, until } from "./page.mjs";

const inPage = suite();
const named = (page) => (name) => page.getByRole("button", { name, exact: true });
const offer = (page) => page.getByRole("button", { name: /^Download / }).first();

async function begin(page) {
  await offer(page).click();
  await page.waitForFunction(() => document.querySelector(".download-bar")?.value > 0);
}

describe("a download", () => {
  it(
    "is stopped, goes on from where it was, and is given up",
    inPage({ mock: "first-run" }, async (page) => {
      const bar = page.locator(".download-bar");
      const button = named(page);
      await begin(page);
      await button("Pause").click();
      const stopped = await bar.evaluate((one) => one.value);
      await button("Go on").click();
      await page.waitForFunction((before) => document.querySelector(".download-bar")?.value > before, stopped);
      await accessible(page);
      await button("Cancel").click();
      await bar.waitFor({ state: "detached" });
      await offer(page).waitFor();
    }),
  );

  it(
    "is found by a page that comes later, running or stopped",
    inPage({ mock: "first-run" }, async (page) => {
      const button = named(page);
      await begin(page);
      await page.reload();
      await button("Pause").click();
      await page.reload();
      await button("Go on").click();
      await button("Pause").waitFor();
      assert.equal(await page.locator(".download-failed").count(), 0);
    }),
  );

  it(
    "answers when it is here, wherever the person is by then, if what was chosen cannot",
    inPage({ mock: "first-run" }, async (page) => {
      await offer(page).waitFor();
      await page.evaluate(() => window.__mock.jamey.setConfig("models.default", "openai/gone"));
      await begin(page);
      await named(page)("Skip for now").click();
      await until(page, async () => (await window.__mock.jamey.models()).some((model) => model.default));
    }),
  );
});

/** Comes to the choice of models while none is known: `act` stands in for the runtime's answer. */
async function choose(page, which, answer) {
  await page.addInitScript(
    ([which, answer]) => {
      let mock;
      Object.defineProperty(window, "__mock", {
        get: () => mock,
        set: (next) => {
          mock = next;
          window.__real = next.jamey[which];
          next.jamey[which] = () =>
            answer === "none yet"
              ? new Promise(() => {})
              : Promise.reject({ code: "unreachable", message: "the runtime hung up", hint: "wait a little" });
        },
      });
    },
    [which, answer],
  );
  await page.reload();
  await page.locator("#message").fill("Hello?");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Choose a model" }).click();
  await page.getByText("Choose who answers").waitFor();
}

describe("the choice of who answers", () => {
  for (const [which, said, none] of [
    ["models", "The models could not be asked for", "No model of the catalogue fits"],
    ["providers", "The providers could not be asked for", "No provider of this runtime takes a key"],
  ]) {
    it(
      `says that ${which} are asked for, and does not say that there are none`,
      inPage({ mock: "first-run" }, async (page) => {
        await choose(page, which, "none yet");
        await page.getByRole("status", { name: "Loading" }).waitFor();
        assert.equal(await page.getByText(none).count(), 0);
        await accessible(page);
      }),
    );

    it(
      `says why ${which} could not be asked for, and asks again with one button`,
      inPage({ mock: "first-run" }, async (page) => {
        await choose(page, which, "refused");
        await page.getByText(`${said}: the runtime hung up · wait a little`).waitFor();
        assert.equal(await page.getByText(none).count(), 0);
        await accessible(page);
        await page.evaluate((which) => {
          window.__mock.jamey[which] = window.__real;
        }, which);
        await page.getByRole("button", { name: "Try again" }).click();
        await page.getByText(said).waitFor({ state: "detached" });
        await (which === "models" ? offer(page) : page.getByLabel("OpenAI API key")).waitFor();
      }),
    );
  }
});
