/** The line at the foot of the quick prompt: who will answer, and the keys that do something now. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { suite } from "./page.mjs";

const inPage = suite();
const QUICK = { file: "quick.html", width: 680, height: 480 };
const field = (page) => page.locator(".quick textarea");
const model = (page) => page.locator(".quick-model");
const button = (page, name) => page.getByRole("button", { name: new RegExp(`^${name} `) });

const offered = (page) =>
  page.locator(".quick-keys button").evaluateAll((all) => all.map((one) => one.textContent.trim()));

async function ask(page, words) {
  await field(page).fill(words);
  await field(page).press("Enter");
}

async function answered(page, words) {
  await ask(page, words);
  await page.locator(".end-footer").waitFor();
}

const WINDOW = "Open in the window Ctrl+↵";
const HIDE = "Hide Esc";

describe("the keys at the foot of the quick prompt", () => {
  it(
    "are those that do something, while nothing is asked, while it is answered, and then",
    inPage(QUICK, async (page) => {
      await field(page).waitFor();
      assert.deepEqual(await offered(page), [WINDOW, HIDE]);
      await field(page).fill("Where do the beans go?");
      assert.deepEqual(await offered(page), ["Ask ↵", WINDOW, HIDE]);
      await field(page).press("Enter");
      await button(page, "Stop").waitFor();
      assert.deepEqual(await offered(page), ["Stop Ctrl+.", WINDOW, HIDE]);
      await field(page).fill("And the peas?");
      assert.deepEqual(await offered(page), ["Follow up ↵", "Stop Ctrl+.", WINDOW, HIDE]);
      await field(page).press("Control+.");
      await button(page, "New question").waitFor();
      assert.deepEqual(await offered(page), ["Follow up ↵", "New question Ctrl+N", WINDOW, HIDE]);
      await field(page).fill("");
      assert.deepEqual(await offered(page), ["New question Ctrl+N", WINDOW, HIDE]);
      await field(page).press("Control+n");
      await button(page, "New question").waitFor({ state: "detached" });
      assert.deepEqual(await offered(page), [WINDOW, HIDE]);
    }),
  );

  it(
    "offer to stop while a question waits for its answer",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await ask(page, "Please delete the temporary files");
      await page.locator(".approval").waitFor();
      assert.deepEqual(await offered(page), ["Stop Ctrl+.", WINDOW, HIDE]);
    }),
  );

  it(
    "offer nothing to follow up where the session stayed empty",
    inPage({ ...QUICK, mock: "first-run" }, async (page) => {
      await ask(page, "Where do the beans go?");
      await page.locator(".quick-failed").waitFor();
      await button(page, "Ask").waitFor();
      assert.deepEqual(await offered(page), ["Ask ↵", WINDOW, HIDE]);
      assert.equal(await page.locator(".quick .conversation").count(), 0);
    }),
  );

  it(
    "do the same when they are pressed, and leave the caret in the field",
    inPage(QUICK, async (page) => {
      const isInField = () => page.waitForFunction(() => document.activeElement?.matches(".quick textarea"));
      await field(page).fill("Where do the beans go?");
      await button(page, "Ask").click();
      await page.locator(".user", { hasText: "beans" }).waitFor();
      await isInField();
      await button(page, "Stop").click();
      await page.locator(".end-stopped").waitFor();
      await isInField();
      await field(page).fill("And the peas?");
      await button(page, "Follow up").click();
      await page.locator(".user", { hasText: "peas" }).waitFor();
      await button(page, "Stop").click();
      await button(page, "New question").click();
      await page.waitForFunction(() => document.querySelector(".user") === null);
      await isInField();
      await button(page, "Hide").click();
      await page.waitForFunction(() => document.title === "hidden");
      await ask(page, "And the onions?");
      await page.locator(".user", { hasText: "onions" }).waitFor();
      await button(page, "Open in the window").click();
      await page.waitForFunction(() => document.title === "moved");
    }),
  );

  it(
    "are reached by keyboard too",
    inPage(QUICK, async (page) => {
      await field(page).fill("Where do the beans go?");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.locator(".user", { hasText: "beans" }).waitFor();
      await page.waitForFunction(() => document.activeElement?.matches(".quick textarea"));
    }),
  );
});

describe("the model at the foot of the quick prompt", () => {
  const names = (page, name) => model(page).getByText(name).waitFor();
  const choose = (page, id) => page.evaluate((id) => window.__mock.jamey.defaultModel(id), id);
  const count = (page) =>
    page.evaluate(() => {
      const { jamey } = window.__mock;
      const { models } = jamey;
      window.asked = 0;
      jamey.models = () => {
        window.asked++;
        return models();
      };
    });
  /** It is called again, and has heard how things stand. */
  const call = (page) =>
    page.evaluate(async () => {
      const { jamey } = window.__mock;
      const { config } = jamey;
      const isRead = new Promise((done) => {
        jamey.config = async () => {
          const view = await config();
          setTimeout(done);
          return view;
        };
      });
      window.__mock.quick({});
      await isRead;
      jamey.config = config;
    });

  it(
    "is that of new sessions, and follows when the window chose another",
    inPage(QUICK, async (page) => {
      await names(page, "gpt-5-mini");
      await call(page);
      await count(page);
      await call(page);
      assert.equal(await page.evaluate(() => window.asked), 0);
      await choose(page, "home-server/qwen3-30b");
      await call(page);
      await names(page, "qwen3-30b");
      assert.equal(await page.evaluate(() => window.asked), 1);
    }),
  );

  it(
    "is that of the session where it has one",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await answered(page, "Where do the beans go?");
      await page.evaluate(() => {
        const id = [...window.__mock.world.sessions.keys()].at(-1);
        const op = { type: "configure", settings: { model: "home-server/qwen3-30b" } };
        return window.__mock.jamey.submit(id, "chosen", op);
      });
      await names(page, "qwen3-30b");
      await field(page).press("Control+n");
      await names(page, "gpt-5-mini");
    }),
  );

  it(
    "is not there where none can answer",
    inPage({ ...QUICK, mock: "first-run" }, async (page) => {
      await field(page).waitFor();
      await page.waitForFunction(() => document.querySelector(".quick-keys button"));
      await call(page);
      assert.equal(await model(page).count(), 0);
    }),
  );
});

describe("the foot of the quick prompt", () => {
  for (const language of ["en", "de", "zh"])
    it(
      `stays one line where it is, whatever happens: ${language}`,
      inPage({ ...QUICK, language }, async (page) => {
        await model(page).waitFor();
        const place = () =>
          page.locator(".quick-foot").evaluate((foot) => {
            const { top, bottom } = foot.getBoundingClientRect();
            return [top, bottom];
          });
        const still = async () => assert.deepEqual(await place(), [QUICK.height - 40, QUICK.height]);
        await still();
        await ask(page, "Where do the beans go?");
        await field(page).fill("And the peas?");
        await page.locator(".markdown").first().waitFor();
        await still();
        await field(page).press("Control+.");
        await page.locator(".end-stopped").waitFor();
        await still();
      }),
    );

  it(
    "is part of the height that the page asks for",
    inPage(QUICK, async (page) => {
      await field(page).waitFor();
      await page.evaluate(() => {
        window.__mock.jamey.resizeQuick = async (height) => {
          window.height = height;
        };
      });
      await field(page).fill("Where do the\nbeans go?");
      await page.waitForFunction(() => window.height === 120);
      await field(page).fill("Where do the beans go?");
      await page.waitForFunction(() => window.height === 112);
    }),
  );

  it(
    "leaves an answer so much room that nothing of it has to be scrolled",
    inPage({ ...QUICK, height: 112, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await page.exposeFunction("grow", (height) => page.setViewportSize({ ...QUICK, height }));
      await page.evaluate(() => {
        window.__mock.jamey.resizeQuick = window.grow;
      });
      await ask(page, "Where do the beans go?");
      await page.locator(".end-footer").waitFor();
      await page.waitForFunction(() => {
        const box = document.querySelector(".scroller");
        return innerHeight > 400 && box.scrollHeight === box.clientHeight;
      });
    }),
  );
});
