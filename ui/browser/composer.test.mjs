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

describe("tokens and cost", () => {
  it(
    "stand below the message and below the answer, and grow with each turn",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      const line = page.locator(".composer-used");
      assert.match(await line.innerText(), /^\$0\.00\d+ · 1\.4k of 400k tokens$/);
      const before = Number(/\$([\d.]+)/.exec(await line.innerText())[1]);
      await message(page).fill("And the peas?");
      await page.keyboard.press("Enter");
      await page.locator(".end-footer", { hasText: "240 out" }).waitFor();
      assert.ok(Number(/\$([\d.]+)/.exec(await line.innerText())[1]) > before);
      assert.match(await page.locator(".end-footer").last().innerText(), /1\.8k\sin,\s240\sout · .*\$0\.00\d+/s);
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
        /openai · reads 400k tokens · sees pictures · \$0\.25 in, \$2\.00 out for a million/,
      );
    }),
  );
});
