/** Servers of the person's own: added, changed, removed, and refused in words. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, more, settings, suite } from "./page.mjs";

const inPage = suite();
const SECRET = "sk-test-0123456789";
const provider = (page, name) => page.getByRole("region", { name, exact: true });
const values = (page, name) =>
  page.evaluate((name) => window.__mock.jamey.config().then((view) => view.values.providers[name]), name);
const focused = (locator) => locator.evaluate((one) => one === document.activeElement);

/** Opens the form with the keyboard. */
async function begin(page) {
  await settings(page, "Providers");
  await page.getByRole("button", { name: "Add a server" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("form", { name: "Add a server" }).waitFor();
}

describe("a server of one's own", () => {
  it(
    "is added by keys alone, with its key, and is tried at once",
    inPage({ query: "&speed=8" }, async (page) => {
      await begin(page);
      assert.ok(await focused(page.getByLabel("Name", { exact: true })));
      await page.keyboard.insertText("work");
      await page.keyboard.press("Tab");
      await page.keyboard.insertText("https://models.example/v1");
      await page.getByLabel("Speaks").selectOption("anthropic");
      await page.getByLabel("Key", { exact: true }).focus();
      await page.keyboard.insertText(SECRET);
      await page.keyboard.press("Enter");
      await provider(page, "work").getByText("It answers, in 420 ms · 4 models").waitFor();
      await provider(page, "work").getByText("The key is kept in the system’s keychain.").waitFor();
      assert.deepEqual(await values(page, "work"), { base_url: "https://models.example/v1", kind: "anthropic" });
      assert.ok(await focused(page.getByRole("button", { name: "More: work" })));
      assert.ok(!(await page.content()).includes(SECRET));
    }),
  );

  it(
    "needs a name that fits and is free, and an address",
    inPage({ query: "&speed=8" }, async (page) => {
      await begin(page);
      const name = page.getByLabel("Name", { exact: true });
      const add = () => page.keyboard.press("Enter");
      await add();
      await page.getByText("Give it a name first.").waitFor();
      await name.fill("My Server");
      await add();
      await page.getByText("A name has small letters").waitFor();
      assert.ok(await focused(name));
      assert.equal(await name.getAttribute("aria-invalid"), "true");
      for (const taken of ["home-server", "ollama"]) {
        await name.fill(taken);
        await add();
        await page.getByText("There is one of that name already").waitFor();
      }
      await name.fill("mine");
      await add();
      await page.getByText("Give its address, such as http://127.0.0.1:8080/v1.").waitFor();
      assert.ok(await focused(page.getByLabel("Address", { exact: true })));
      await page.keyboard.press("Escape");
      assert.equal(await page.getByRole("form").count(), 0);
      await page.waitForFunction(() => document.activeElement?.textContent === "Add a server");
    }),
  );

  it(
    "is refused in the runtime's own words, stays in the form, and leaves nothing behind",
    inPage({ query: "&speed=8" }, async (page) => {
      await begin(page);
      await page.getByLabel("Name", { exact: true }).fill("mine");
      await page.getByLabel("Address", { exact: true }).fill("ftp://nas");
      await page.keyboard.press("Enter");
      await page.getByText("`ftp:` is not a scheme that models are spoken to with").waitFor();
      await page.getByLabel("Address", { exact: true }).fill("http://nas:8080/v1");
      await page.keyboard.press("Enter");
      await page.getByText("http:// to nas would send the key and every prompt unencrypted").waitFor();
      assert.equal(await values(page, "mine"), undefined);
      await accessible(page);
      await page.getByRole("switch", { name: "Ask it without encryption" }).click();
      await page.getByRole("form").getByRole("button", { name: "Add a server" }).click();
      await provider(page, "mine").getByText("It answers").waitFor();
      assert.deepEqual(await values(page, "mine"), { base_url: "http://nas:8080/v1", plain_http: true });
    }),
  );

  it(
    "whose key is refused is there all the same, and asks for it again",
    inPage({ query: "&speed=8" }, async (page) => {
      await begin(page);
      await page.getByLabel("Name", { exact: true }).fill("mine");
      await page.getByLabel("Address", { exact: true }).fill("https://models.example/v1");
      await page.getByLabel("Key", { exact: true }).fill("two words");
      await page.keyboard.press("Enter");
      await page.getByText("a key has no space in it").first().waitFor();
      assert.ok(await focused(page.getByLabel("mine API key")));
    }),
  );

  it(
    "gets another address, and goes when that was confirmed",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      await more(page, "home-server", "Change");
      const address = page.getByLabel("Address", { exact: true });
      assert.equal(await address.inputValue(), "http://192.168.1.20:8080/v1");
      await address.fill("https://nas.example/v1");
      await page.keyboard.press("Enter");
      await provider(page, "home-server").getByText("It answers").waitFor();
      assert.deepEqual(await values(page, "home-server"), { base_url: "https://nas.example/v1" });
      // A look into the form is no reason to try it again.
      await more(page, "home-server", "Change");
      await page.evaluate(() => {
        window.tries = 0;
        const { jamey } = window.__mock;
        const { testProvider } = jamey;
        jamey.testProvider = (name) => {
          window.tries++;
          return testProvider(name);
        };
      });
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "More: home-server" }).waitFor();
      assert.equal(await page.evaluate(() => window.tries), 0);
      await more(page, "home-server", "Remove the server");
      await page.keyboard.press("Escape");
      await provider(page, "home-server").waitFor();
      await more(page, "home-server", "Remove the server");
      await page.getByRole("dialog").getByRole("button", { name: "Remove the server" }).click();
      await page.getByText("There is none yet.").waitFor();
      assert.equal(await values(page, "home-server"), undefined);
      await page.waitForFunction(() => document.activeElement?.textContent === "Add a server");
    }),
  );

  it(
    "that cannot be removed says why, and stays",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      await page.evaluate(() => {
        window.__mock.jamey.setConfig = async () => {
          throw { code: "storage", message: "runtime.toml cannot be written", hint: "check the free space" };
        };
      });
      await more(page, "home-server", "Remove the server");
      await page.getByRole("dialog").getByRole("button", { name: "Remove the server" }).click();
      await page.getByText("It was not removed: runtime.toml cannot be written. check the free space").waitFor();
      await page.keyboard.press("Escape");
      await provider(page, "home-server").waitFor();
    }),
  );
});

describe("the address of a provider", () => {
  it(
    "that is refused stays in its field, with the runtime's words, and is taken once http may leave this machine",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      const field = page.getByRole("textbox", { name: "Ollama" });
      await field.fill("192.168.1.5");
      await page.keyboard.press("Enter");
      await page.getByText("Not saved: http:// to 192.168.1.5 would send").waitFor();
      assert.equal(await field.inputValue(), "192.168.1.5");
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      await accessible(page);
      await page.getByRole("switch", { name: "Ask it without encryption" }).click();
      await provider(page, "Ollama").waitFor();
      assert.deepEqual(await values(page, "ollama"), { base_url: "192.168.1.5", plain_http: true });
    }),
  );

  it(
    "is taken with one press on the switch below it, and that says why when it may not",
    inPage({ query: "&speed=8" }, async (page) => {
      await settings(page, "Providers");
      const field = page.getByRole("textbox", { name: "Ollama" });
      const allow = page.getByRole("switch", { name: "Ask it without encryption" });
      await page.evaluate(() => {
        const { jamey } = window.__mock;
        const { setConfig } = jamey;
        jamey.setConfig = async () => {
          jamey.setConfig = setConfig;
          throw { code: "storage", message: "runtime.toml cannot be written" };
        };
      });
      await field.fill("192.168.1.5");
      await allow.click();
      await page.getByText("Not saved: runtime.toml cannot be written").waitFor();
      const { x, y, width, height } = await allow.boundingBox();
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.down();
      // Nothing is said of the field yet that would move the switch away.
      assert.ok(await focused(field));
      await page.mouse.up();
      await provider(page, "Ollama").waitFor();
      assert.deepEqual(await values(page, "ollama"), { base_url: "192.168.1.5", plain_http: true });
    }),
  );
});

describe("assistive technology", () => {
  for (const theme of ["light", "dark"]) {
    it(
      `finds nothing serious while a server is added, ${theme}`,
      inPage({ theme, query: "&speed=8" }, async (page) => {
        await begin(page);
        await page.getByLabel("Address", { exact: true }).fill("http://nas:8080/v1");
        await page.keyboard.press("Enter");
        await page.getByText("Give it a name first.").waitFor();
        await accessible(page);
      }),
    );
  }
});
