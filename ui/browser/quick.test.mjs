/** The quick prompt: what leads from it into the window. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { message, suite } from "./page.mjs";

const inPage = suite();
const QUICK = { file: "quick.html", width: 680, height: 480 };
const field = (page) => page.locator(".quick textarea");

/** Another page of the same browser: the window of this quick prompt, or the other way round. */
async function beside(page, file) {
  const other = await page.context().newPage();
  await other.goto(page.url().replace(/\w+\.html/, file));
  return other;
}

async function ask(page, words) {
  await field(page).fill(words);
  await field(page).press("Enter");
}

const topic = (page, name) => page.locator('.topics [aria-current="page"]', { hasText: name });

/** The newest session's turn ends with this error. */
const fail = (page, code) =>
  page.evaluate((code) => {
    const one = [...window.__mock.world.sessions.values()].at(-1);
    one.begin();
    one.user("And the peas?");
    one.end({ type: "failed", error: { code, message: `it ended with ${code}`, hint: null, retryable: false } });
  }, code);

describe("a failed turn in the quick prompt", () => {
  for (const [code, button, shows] of [
    ["auth", "Open provider settings", "Providers"],
    ["limit", "Change the limits", "Limits"],
  ])
    it(
      `leads to where it is mended, in the window that is open: ${code}`,
      inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
        await ask(page, "Where do the beans go?");
        await page.locator(".end-footer").waitFor();
        const window = await beside(page, "index.html");
        await message(window).waitFor();
        await fail(page, code);
        await page.getByRole("button", { name: button }).click();
        await page.waitForFunction(() => document.title === "hidden");
        await topic(window, shows).waitFor();
      }),
    );

  it(
    "leads to where it is mended also when the window is opened only then, once",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await ask(page, "Where do the beans go?");
      await page.locator(".end-footer").waitFor();
      await fail(page, "limit");
      await page.getByRole("button", { name: "Change the limits" }).click();
      await page.waitForFunction(() => document.title === "hidden");
      const window = await beside(page, "index.html");
      await topic(window, "Limits").waitFor();
      const another = await beside(page, "index.html");
      await another.getByRole("heading", { name: "What can I do" }).waitFor();
    }),
  );
});

describe("words of the quick prompt that no model can answer", () => {
  it(
    "stay in the field, and a button leads to the choice of a model",
    inPage({ ...QUICK, mock: "first-run" }, async (page) => {
      const window = await beside(page, "index.html");
      await window.getByRole("button", { name: "Skip for now" }).click();
      await field(page).waitFor();
      await ask(page, "Where do the beans go?");
      const button = page.getByRole("alert").getByRole("button", { name: "Choose a model" });
      await button.waitFor();
      assert.equal(await field(page).inputValue(), "Where do the beans go?");
      await button.press("Enter");
      await page.waitForFunction(() => document.title === "hidden");
      await window.getByText("Choose who answers").waitFor();
      assert.equal(await field(page).inputValue(), "Where do the beans go?");
    }),
  );
});

describe("words that came before the quick prompt was there", () => {
  it(
    "are asked without what was chosen of an older context",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await page.evaluate(() =>
        window.__mock.quick({ context: { clipboard: { text: "the quick brown fox", letters: 19 } } }),
      );
      await page.getByRole("button", { name: "Add: Clipboard" }).click();
      await page.evaluate(() =>
        window.__mock.quick({
          context: { clipboard: { text: "a secret", letters: 8 } },
          typed: "Where do the beans go?",
          pressed: "ask",
        }),
      );
      await page.locator(".user").waitFor();
      assert.equal(await page.evaluate(() => window.__mock.said("Where do the beans go?")), 1);
    }),
  );

  it(
    "go into the window unasked, when the key for that was pressed behind them",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      const window = await beside(page, "index.html");
      await field(page).waitFor();
      await page.evaluate(() => window.__mock.quick({ typed: "Where do the beans go?", pressed: "toWindow" }));
      await page.waitForFunction(() => document.title === "hidden");
      assert.equal(await field(page).inputValue(), "");
      await window.waitForFunction(() => document.querySelector("textarea")?.value === "Where do the beans go?");
      assert.equal(await page.evaluate(() => window.__mock.said("Where do the beans go?")), 0);
    }),
  );
});

describe("a session that the quick prompt begins", () => {
  /** No session is made before the page says `make()`, or `make(error)`; counts how many were asked for. */
  const slowly = (page) =>
    page.evaluate(() => {
      const { jamey } = window.__mock;
      window.create ??= jamey.createSession;
      const wait = new Promise((done) => {
        window.make = done;
      });
      window.asked = 0;
      jamey.createSession = async (wish) => {
        window.asked++;
        const error = await wait;
        if (error) throw error;
        return window.create(wish);
      };
    });
  const asked = (page) => page.evaluate(() => window.asked);

  it(
    "is one, however fast the next words follow",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await slowly(page);
      await ask(page, "Where do the beans go?");
      await ask(page, "And the peas?");
      await page.evaluate(() => window.make());
      await page.waitForFunction(() => window.__mock.said("And the peas?") === 1);
      assert.equal(await asked(page), 1);
      await page.waitForFunction(() => window.__mock.said("Where do the beans go?") === 1);
    }),
  );

  it(
    "leads into the window once it is there, and shows its words meanwhile",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await slowly(page);
      await ask(page, "Where do the beans go?");
      await page.locator(".user", { hasText: "Where do the beans go?" }).getByText("Sending").waitFor();
      await page.keyboard.type("And the peas?");
      await page.keyboard.press("Control+Enter");
      assert.notEqual(await page.title(), "moved");
      await page.evaluate(() => window.make());
      await page.waitForFunction(() => document.title === "moved");
      assert.equal(await asked(page), 1);
      const id = await page.evaluate(() => [...window.__mock.world.sessions.keys()].at(-1));
      assert.equal(await page.evaluate((id) => localStorage.getItem(`jamey.draft.${id}`), id), "And the peas?");
      await page.waitForFunction(() => window.__mock.said("Where do the beans go?") === 1);
      assert.equal(await field(page).inputValue(), "");
    }),
  );

  it(
    "keeps all words when it cannot be made, also those that were to go into the window",
    inPage(QUICK, async (page) => {
      await field(page).waitFor();
      await slowly(page);
      await ask(page, "Where do the beans go?");
      await page.keyboard.type("And the peas?");
      await page.keyboard.press("Control+Enter");
      const error = { code: "unreachable", message: "the runtime cannot be reached", retryable: true };
      await page.evaluate((error) => window.make(error), error);
      await page.locator(".quick-failed").waitFor();
      await page.waitForFunction(() => document.querySelector(".quick textarea").value.includes("peas"));
      assert.match(await field(page).inputValue(), /Where do the beans go\?/);
      assert.equal(await page.locator(".user").count(), 0);
    }),
  );

  it(
    "is another after the new question, and is asked for again when it could not be made",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await slowly(page);
      await ask(page, "Where do the beans go?");
      const error = { code: "unreachable", message: "the runtime cannot be reached", retryable: true };
      await page.evaluate((error) => window.make(error), error);
      await page.getByRole("alert").waitFor();
      await slowly(page);
      await field(page).press("Enter");
      await page.evaluate(() => window.make());
      await page.locator(".end-footer").waitFor();
      await page.getByRole("button", { name: "New question" }).click();
      await ask(page, "And the peas?");
      await page.locator(".user", { hasText: "And the peas?" }).waitFor();
      assert.equal(await page.locator(".user").count(), 1);
      assert.equal(await asked(page), 2);
    }),
  );
});

describe("a long text that goes along with a question", () => {
  it(
    "says how much of it does, at its button and where it is quoted",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      const text = "Beans go north. ".repeat(1250).trim();
      await page.evaluate((text) => {
        window.__mock.quick({ context: { clipboard: { text, letters: 61_000 } } });
      }, text);
      await page.getByRole("button", { name: "Add: Clipboard, 61,000 letters" }).click();
      const chip = page.getByRole("button", { name: "first 19,999 of 61,000 letters", pressed: true });
      await chip.getByText("first 19,999 of 61,000 letters").waitFor();
      await ask(page, "What goes where?");
      const whole = `> ${text}\n\n[first 19,999 of 61,000 letters]\n\nWhat goes where?`;
      await page.waitForFunction((words) => window.__mock.said(words) === 1, whole);
    }),
  );
});

describe("what was copied or selected", () => {
  it(
    "is offered without a word of it, and shown once it is chosen",
    inPage(QUICK, async (page) => {
      await field(page).waitFor();
      await page.evaluate(() =>
        window.__mock.quick({
          context: { clipboard: { text: "hunter2", letters: 7 }, selection: { text: "x", letters: 1 } },
        }),
      );
      await page.getByRole("button", { name: "Add: Selected text, 1 letter", exact: true }).waitFor();
      const chip = page.getByRole("button", { name: "Add: Clipboard, 7 letters", exact: true });
      await chip.waitFor();
      assert.doesNotMatch(await page.content(), /hunter2/);
      await chip.click();
      await page.getByRole("button", { name: "Add: Clipboard hunter2", pressed: true }).click();
      await chip.waitFor();
      assert.doesNotMatch(await page.content(), /hunter2/);
    }),
  );
});

describe("the keys of the quick prompt", () => {
  for (const [key, title] of [
    ["Escape", "hidden"],
    ["Control+Enter", "moved"],
  ])
    it(
      `work when the question that had the focus was answered: ${key}`,
      inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
        await ask(page, "Please delete the temporary files");
        const allow = page.getByRole("button", { name: "Allow once" });
        await allow.and(page.locator('[aria-disabled="false"]')).waitFor();
        await allow.click();
        await page.locator(".approval").waitFor({ state: "detached" });
        await page.waitForFunction(() => document.activeElement === document.querySelector(".quick textarea"));
        await page.keyboard.press(key);
        await page.waitForFunction((title) => document.title === title, title);
      }),
    );

  it(
    "work when nothing has the focus",
    inPage(QUICK, async (page) => {
      await field(page).waitFor();
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.title === "hidden");
    }),
  );
});

describe("the session that the quick prompt asks", () => {
  const answered = async (page, words) => {
    await ask(page, words);
    await page.locator(".user:not(.on-its-way)", { hasText: words }).waitFor();
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
  };
  const isLeft = (page) => page.waitForFunction(() => document.querySelector(".user") === null);
  const newest = (page) => page.evaluate(() => [...window.__mock.world.sessions.keys()].at(-1));

  it(
    "is another one when it was deleted, and the words go along",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await answered(page, "Where do the beans go?");
      const first = await newest(page);
      await page.evaluate((id) => window.__mock.world.sessions.delete(id), first);
      await answered(page, "And the peas?");
      assert.notEqual(await newest(page), first);
      assert.equal(await page.locator(".user").count(), 1);
      assert.equal(await page.getByRole("alert").count(), 0);
      assert.equal(await field(page).inputValue(), "");
    }),
  );

  it(
    "is left when it turns out to be gone once the runtime is back",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await answered(page, "Where do the beans go?");
      const first = await newest(page);
      await page.evaluate((id) => {
        window.__mock.lose();
        window.__mock.world.sessions.delete(id);
        window.__mock.setConnection({ state: "ready", version: "0.4.0" });
      }, first);
      await isLeft(page);
      await answered(page, "And the peas?");
    }),
  );

  it(
    "can be opened again when that failed",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await page.evaluate(() => {
        const { jamey } = window.__mock;
        const { session } = jamey;
        jamey.session = async () => {
          jamey.session = session;
          throw { code: "storage", message: "the disk is full", hint: "make room", retryable: false };
        };
      });
      await ask(page, "Where do the beans go?");
      const told = page.getByRole("alert").filter({ hasText: "could not be opened: the disk is full" });
      await told.getByRole("button", { name: "Try again" }).click();
      await page.locator(".end-footer").waitFor();
      assert.equal(await told.count(), 0);
    }),
  );

  it(
    "is another one once it was moved into the window, and after Ctrl+N",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await answered(page, "Where do the beans go?");
      const asked = [await newest(page)];
      await field(page).press("Control+Enter");
      await page.waitForFunction(() => document.title === "moved");
      await isLeft(page);
      await answered(page, "And the peas?");
      asked.push(await newest(page));
      await field(page).press("Control+n");
      await isLeft(page);
      await answered(page, "And the onions?");
      asked.push(await newest(page));
      assert.equal(new Set(asked).size, 3);
    }),
  );

  it(
    "is another one after ten minutes without a look at it, and not before",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await answered(page, "Where do the beans go?");
      const first = await newest(page);
      /** It is put away and called again so much later. */
      const away = (minutes) =>
        page.evaluate((minutes) => {
          dispatchEvent(new Event("blur"));
          const now = Date.now.bind(Date);
          Date.now = () => now() + minutes * 60_000;
          window.__mock.quick({});
        }, minutes);
      await away(9);
      await answered(page, "And the peas?");
      assert.equal(await newest(page), first);
      await away(11);
      await isLeft(page);
      await answered(page, "And the onions?");
      assert.notEqual(await newest(page), first);
      assert.ok(await page.evaluate((id) => window.__mock.world.sessions.has(id), first));
    }),
  );

  it(
    "is kept for a page that is made anew, which leaves one that is gone",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).waitFor();
      await answered(page, "Where do the beans go?");
      const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("jamey.quick.session")));
      assert.equal(kept.session, await newest(page));
      // This one is not there after a reload: it is left without a word, and the prompt is ready.
      await page.reload();
      await field(page).waitFor();
      await answered(page, "And the peas?");
      assert.equal(await page.locator(".user").count(), 1);
    }),
  );
});

describe("an answer in the quick prompt", () => {
  const begin = async (page, words) => {
    await ask(page, words);
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.locator(".markdown").last().waitFor();
  };

  it(
    "is stopped by its button and by its key, and Esc hides without stopping",
    inPage(QUICK, async (page) => {
      await begin(page, "Where do the beans go?");
      await page.getByRole("button", { name: "Stop" }).click();
      await page.locator(".end-stopped").waitFor();
      assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 0);
      assert.equal(await field(page).evaluate((field) => field === document.activeElement), true);
      await begin(page, "And the peas?");
      await field(page).press("Escape");
      assert.equal(await page.title(), "hidden");
      assert.equal(await page.getByRole("button", { name: "Stop" }).count(), 1);
      await page.keyboard.type("half a qu");
      await page.keyboard.press("Control+.");
      await page.locator(".end-stopped").nth(1).waitFor();
      assert.equal(await field(page).inputValue(), "half a qu");
    }),
  );
});
