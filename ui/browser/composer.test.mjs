/** The message field: files that are named, and what it says of tokens and cost. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, message, suite } from "./page.mjs";

const inPage = suite();

describe("a file that is named with @", () => {
  it(
    "is found as one types and stands in the message as its path",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).focus();
      await page.keyboard.type("Explain @turn/b");
      await page.getByRole("option", { name: "src/turn/begin.rs" }).waitFor();
      assert.equal(await message(page).getAttribute("aria-autocomplete"), "list");
      await page.keyboard.press("Enter");
      assert.equal(await message(page).inputValue(), "Explain src/turn/begin.rs ");
      await page.keyboard.type("and @perf");
      await page.getByRole("option", { name: "docs/performance notes.md" }).waitFor();
      await page.keyboard.press("Tab");
      assert.equal(await message(page).inputValue(), "Explain src/turn/begin.rs and `docs/performance notes.md` ");
      await page.keyboard.type("please");
      assert.equal(await page.getByRole("listbox").count(), 0);
    }),
  );

  it(
    "is moved through by keys, let go with Esc, and does not send the message",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).focus();
      await page.keyboard.type("See @begin");
      await page.getByRole("option").nth(1).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      assert.equal(await message(page).inputValue(), "See tests/begin.rs ");
      await page.keyboard.type("@read");
      await page.getByRole("option").first().waitFor();
      await page.keyboard.press("Escape");
      assert.equal(await page.getByRole("listbox").count(), 0);
      assert.equal(await message(page).inputValue(), "See tests/begin.rs @read");
      assert.equal(await page.locator(".user").count(), 2);
    }),
  );

  it(
    "is one that fits the words, also before their own answer has come",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).focus();
      await page.keyboard.type("See @begin");
      await page.getByRole("option", { name: "src/turn/begin.rs" }).waitFor();
      // From now on no answer comes.
      await page.evaluate(() => {
        window.__mock.jamey.findFiles = () => new Promise(() => {});
      });
      for (let letter = 0; letter < "begin".length; letter++) await page.keyboard.press("Backspace");
      await page.keyboard.type("tests");
      assert.deepEqual(await page.getByRole("option").allInnerTexts(), ["tests/begin.rs"]);
      await page.keyboard.press("Enter");
      assert.equal(await message(page).inputValue(), "See tests/begin.rs ");
    }),
  );

  for (const theme of ["light", "dark"]) {
    it(
      `has nothing serious for assistive technology, ${theme}`,
      inPage({ theme }, async (page) => {
        await go(page, "Garden");
        await message(page).focus();
        await page.keyboard.type("@");
        await page.getByRole("option").first().waitFor();
        await accessible(page);
      }),
    );
  }
});

describe("keys of an input method", () => {
  /** Presses a key as it comes while a word is composed, and as some webviews send the one that ends it. */
  const compose = async (field, key) => {
    for (const how of [{ isComposing: true }, { keyCode: 229 }])
      await field.dispatchEvent("keydown", { key, bubbles: true, cancelable: true, ...how });
  };

  it(
    "neither stop a turn nor send, choose or let go what is written",
    inPage({ mock: "streaming" }, async (page) => {
      await go(page, "What should a resident");
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await compose(message(page), "Escape");
      await message(page).fill("@");
      await page.getByRole("option").first().waitFor();
      await compose(message(page), "Escape");
      await compose(message(page), "Enter");
      assert.equal(await message(page).inputValue(), "@");
      assert.ok((await page.getByRole("option").count()) > 0);
      assert.equal(await page.evaluate(() => window.__mock.said("@")), 0);
      await message(page).fill("");
      await page.getByRole("button", { name: "Stop" }).waitFor();
      assert.equal(await page.locator(".end-stopped").count(), 0);
    }),
  );

  it(
    "neither keep nor let go a name that is being given",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.locator('.session-open[aria-current="page"]').focus();
      await page.keyboard.press("F2");
      const name = page.locator(".session-rename");
      await name.fill("Beans");
      await compose(name, "Escape");
      await compose(name, "Enter");
      assert.equal(await name.inputValue(), "Beans");
      await name.press("Enter");
      await page.locator(".session-open", { hasText: "Beans" }).waitFor();
    }),
  );
});

describe("tokens and cost", () => {
  it(
    "stand below the message and below the answer, and grow with each turn",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      const line = page.locator(".composer-used");
      assert.match(await line.innerText(), /^1\.4k \/ 400k\s+tokens\s+· \$0\.00\d+\s*$/);
      const before = Number(/\$([\d.]+)/.exec(await line.innerText())[1]);
      await message(page).fill("And the peas?");
      await page.keyboard.press("Enter");
      await page.locator(".end-footer", { hasText: "240 out" }).waitFor();
      assert.ok(Number(/\$([\d.]+)/.exec(await line.innerText())[1]) > before);
      assert.match(await page.locator(".end-footer").last().innerText(), /\$0\.00\d+\s+·\s1\.8k\sin,\s240\sout/);
    }),
  );

  it(
    "help to choose a model",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.getByRole("button", { name: "Model: " }).click();
      const option = page.getByRole("option", { name: /gpt-5-mini/ });
      assert.match(
        await option.innerText(),
        /OpenAI · reads 400k tokens · sees pictures · \$0\.25 in, \$2\.00 out for a million/,
      );
    }),
  );
});

describe("commands", () => {
  const offered = async (page) => {
    await message(page).fill("");
    await page.keyboard.type("/");
    await page.getByRole("option").first().waitFor();
    const names = await page.locator(".slash-name").allInnerTexts();
    return names.map((name) => name.slice(1));
  };
  const EVERYWHERE = ["new", "model", "mode", "settings", "monitor", "usage", "help"];

  it(
    "are offered where they do something",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      assert.deepEqual(await offered(page), EVERYWHERE);
      await go(page, "Garden");
      const idle = [
        "new",
        "model",
        "mode",
        "rename",
        "compact",
        "copy",
        "retry",
        "settings",
        "monitor",
        "usage",
        "help",
      ];
      assert.deepEqual(await offered(page), idle);
      await message(page).fill("And the peas?");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Stop" }).waitFor();
      const running = ["new", "model", "mode", "rename", "stop", "copy", "settings", "monitor", "usage", "help"];
      assert.deepEqual(await offered(page), running);
    }),
  );

  it(
    "that do nothing keep their words, say why, and are no message",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      const refused = page.getByRole("alert");
      for (const [words, why] of [
        ["/compact", "There is no session yet."],
        ["/Stop", "There is no session yet."],
      ]) {
        await message(page).fill(words);
        await page.keyboard.press("Enter");
        await refused.getByText(why).waitFor();
        assert.equal(await message(page).inputValue(), words);
      }
      assert.equal(await page.evaluate(() => window.__mock.said("/compact")), 0);
      await go(page, "Garden");
      assert.equal(await refused.count(), 0);
      await message(page).fill("/stop");
      await page.keyboard.press("Enter");
      await refused.getByText("/stop: Nothing is running here.").waitFor();
      assert.equal(await message(page).inputValue(), "/stop");
      await message(page).fill("/stopp");
      await refused.waitFor({ state: "detached" });
    }),
  );

  it(
    "rename a session also where the list is hidden",
    inPage({ width: 640 }, async (page) => {
      await page.getByRole("button", { name: "Show the sidebar" }).click();
      await go(page, "Garden");
      await message(page).fill("/rename");
      await page.keyboard.press("Enter");
      await page.getByRole("textbox", { name: "Name of the session" }).waitFor();
    }),
  );
});
