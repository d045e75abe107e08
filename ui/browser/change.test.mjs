/** A change of a file on its card, however large it is. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { go, suite } from "./page.mjs";

const inPage = suite();

/** In the session on the page a model writes a file. */
const write = (page, given) =>
  page.evaluate((given) => {
    const one = window.__mock.world.sessions.get(location.hash.split("/")[1]);
    one.begin();
    void one.call(
      { tool: "file_write", arguments: { path: "beds.md", ...given }, accesses: [] },
      { text: "", tookMs: 1 },
    );
  }, given);

describe("a change on its card", () => {
  it(
    "is drawn by its first lines, and whole when somebody asks for it",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await write(page, { content: Array.from({ length: 1234 }, (_, at) => `bed ${at}\n`).join("") });
      await page.locator(".call-line", { hasText: "beds.md" }).click();
      const lines = page.locator(".diff-line");
      await lines.first().waitFor();
      assert.equal(await lines.count(), 400);
      await page.getByRole("button", { name: "Show all 1,234 lines" }).click();
      assert.equal(await lines.count(), 1234);
      assert.equal(await page.getByRole("button", { name: /^Show all/ }).count(), 0);
    }),
  );
});
