/** Code and diagrams in answers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, suite } from "./page.mjs";

const inPage = suite();

describe("code in an answer", () => {
  it(
    "has line numbers when they are asked for, and copies without them",
    inPage({}, async (page) => {
      await go(page, "Which index");
      await page.getByRole("button", { name: "Number the lines" }).first().click();
      assert.equal(await page.locator(".code-numbers").innerText(), "1\n2\n3\n4\n5\n6\n7");
      await page.getByRole("button", { name: "Copy the code" }).first().click();
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^CREATE INDEX events_by_session\n/);
      await page.getByRole("button", { name: "Wrap lines" }).first().click();
      assert.equal(await page.locator(".code-numbers").count(), 0);
    }),
  );
});

describe("a diagram in an answer", () => {
  it(
    "is fetched and drawn when asked for, and is its text again by the same button",
    inPage({}, async (page, seen) => {
      await go(page, "Draw how a turn");
      const draw = page.getByRole("button", { name: "Draw the diagram" });
      await draw.first().waitFor();
      assert.equal(seen.requests.filter((url) => url.includes("Diagram-")).length, 0);
      await draw.first().focus();
      await page.keyboard.press("Enter");
      const picture = page.locator(".diagram svg").first();
      await picture.waitFor();
      assert.match(await picture.getAttribute("aria-label"), /Fits the window\? → Ask the model \(yes\)/);
      assert.equal(await page.locator(".diagram-node").count(), 8);
      const buttons = page.locator("figure.code", { has: picture }).getByRole("button");
      const names = await buttons.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
      assert.deepEqual(names, ["Show source", "Copy the code"]);
      await page.keyboard.press("Enter");
      await page.locator("pre", { hasText: "flowchart TD" }).waitFor();
    }),
  );

  it(
    "of a kind that is not drawn stays its text and says so",
    inPage({}, async (page) => {
      await go(page, "Draw how a turn");
      await page.getByRole("button", { name: "Draw the diagram" }).nth(2).click();
      await page.getByText("of a kind that is not drawn here").waitFor();
      await page.locator("pre", { hasText: "pie title Pets" }).waitFor();
    }),
  );

  it(
    "is drawn where the prototypes of objects are frozen, as they are in the real window",
    inPage({}, async (page) => {
      await page.addInitScript(() => Object.freeze(Object.prototype));
      await page.reload();
      await go(page, "Draw how a turn");
      for (const at of [1, 0]) await page.getByRole("button", { name: "Draw the diagram" }).nth(at).click();
      await page.locator(".diagram svg").nth(1).waitFor();
    }),
  );

  for (const theme of ["light", "dark"]) {
    it(
      `has nothing serious for assistive technology, ${theme}`,
      inPage({ theme }, async (page) => {
        await go(page, "Draw how a turn");
        for (const at of [2, 1, 0]) await page.getByRole("button", { name: "Draw the diagram" }).nth(at).click();
        await page.locator(".diagram svg").nth(1).waitFor();
        await accessible(page);
      }),
    );
  }
});
