/** Settings that are changed faster than the runtime keeps them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settings, suite } from "./page.mjs";

const inPage = suite();
const enabled = (page) =>
  page.evaluate(() => window.__mock.jamey.config().then((view) => view.values.tools.enabled_tools));
const NAMES = { shell_exec: "Run commands", file_write: "Write files", system_info: "Look at this computer" };
const tool = (page, id) => page.getByRole("switch", { name: NAMES[id], exact: true });

/** Lets every write wait until it is let go, and notes how many wait at once. */
const hold = (page) =>
  page.evaluate(() => {
    const { jamey } = window.__mock;
    const { setConfig } = jamey;
    window.__waiting = [];
    jamey.setConfig = async (key, value) => {
      await new Promise((go) => window.__waiting.push(go));
      return setConfig(key, value);
    };
  });
const letGo = async (page) => {
  await page.waitForFunction(() => window.__waiting.length > 0);
  assert.equal(await page.evaluate(() => window.__waiting.length), 1);
  await page.evaluate(() => window.__waiting.shift()());
};

describe("switches of tools", () => {
  it(
    "keep what was wished, however slow the runtime is, and one write follows the other",
    inPage({}, async (page) => {
      await settings(page, "Tools");
      await tool(page, "shell_exec").waitFor();
      const before = await enabled(page);
      await hold(page);
      for (const name of ["shell_exec", "file_write", "system_info"]) await tool(page, name).click();
      await tool(page, "system_info").click();
      for (const name of ["shell_exec", "file_write"])
        assert.equal(await tool(page, name).getAttribute("aria-checked"), "false");
      assert.equal(await tool(page, "system_info").getAttribute("aria-checked"), "true");
      await letGo(page);
      await letGo(page);
      await page.getByText("Saved").waitFor();
      const after = before.filter((name) => !["shell_exec", "file_write"].includes(name));
      assert.deepEqual((await enabled(page)).toSorted(), after.toSorted());
      assert.equal(await page.evaluate(() => window.__waiting.length), 0);
      assert.equal(await tool(page, "shell_exec").getAttribute("aria-checked"), "false");
    }),
  );

  it(
    "go back to what holds when the runtime does not take it, and say why",
    inPage({}, async (page) => {
      await settings(page, "Tools");
      await tool(page, "shell_exec").waitFor();
      await page.evaluate(() => {
        window.__mock.jamey.setConfig = async () => {
          throw { code: "storage", message: "runtime.toml cannot be written", hint: "check the free space" };
        };
      });
      await tool(page, "shell_exec").click();
      await page.getByText("Not saved: runtime.toml cannot be written").waitFor();
      assert.equal(await tool(page, "shell_exec").getAttribute("aria-checked"), "true");
    }),
  );
});
