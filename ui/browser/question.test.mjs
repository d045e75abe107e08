/** A question that waits, wherever the page is scrolled to; and what is heard of it, and of what goes wrong. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, message, suite } from "./page.mjs";

const inPage = suite();

/** In the session on the page something asks whether it may run. */
const askFor = (page, command) =>
  page.evaluate((command) => {
    const one = window.__mock.world.sessions.get(location.hash.split("/")[1]);
    if (!one.turn) one.begin();
    void one.call(
      { tool: "shell_exec", arguments: { command }, accesses: [{ type: "run", command, cwd: "/w" }] },
      { text: "", exitCode: 0, tookMs: 1 },
      { ask: true },
    );
  }, command);
const isSeen = (card) =>
  card.evaluate((box) => {
    const { top, bottom } = box.getBoundingClientRect();
    const page = document.querySelector(".scroller").getBoundingClientRect();
    return bottom > page.top && top < page.bottom;
  });
const toTop = async (page) => {
  await page.locator(".scroller").evaluate((box) => box.scrollTo(0, 0));
  await page.getByText("Question 1:").first().waitFor();
};

describe("a question that is scrolled out of sight", () => {
  const LONG = { mock: "long" };
  const away = (page) => page.getByRole("button", { name: "Needs your answer" });
  const card = (page) => page.locator(".approval");
  const begin = async (page) => {
    await go(page, "A very long session");
    await askFor(page, "make all");
    await card(page).waitFor();
    assert.equal(await away(page).count(), 0);
    await toTop(page);
    await away(page).waitFor();
  };
  const shown = async (page) => {
    await page.waitForFunction(() => document.activeElement?.className === "approval-text");
    await away(page).waitFor({ state: "detached" });
    assert.equal(await isSeen(card(page)), true);
  };

  it(
    "says that it waits, in the place of the way to the newest, and is one press away",
    inPage(LONG, async (page) => {
      await begin(page);
      assert.equal(await page.locator(".to-end").count(), 0);
      await accessible(page);
      await page.setViewportSize({ width: 1280, height: 800 });
      await toTop(page);
      await away(page).click();
      await shown(page);
    }),
  );

  it(
    "is led to by its keys, from the middle of a message too",
    inPage(LONG, async (page) => {
      await begin(page);
      await message(page).fill("half a sent");
      await page.keyboard.press("Control+Shift+a");
      await shown(page);
      assert.equal(await message(page).inputValue(), "half a sent");
    }),
  );

  it(
    "is no longer told once it is answered",
    inPage(LONG, async (page) => {
      await begin(page);
      await page.evaluate(() => {
        const one = window.__mock.world.sessions.get(location.hash.split("/")[1]);
        for (const decide of one.questions.values()) decide({ type: "deny", reason: "" });
      });
      await away(page).waitFor({ state: "detached" });
      await page.locator(".to-end").waitFor();
    }),
  );
});

describe("assistive technology", () => {
  /** What comes into the two regions from now on is in `heard`. */
  const listen = (page) =>
    page.evaluate(() => {
      window.heard = [];
      const regions = document.querySelectorAll(".conversation > [aria-live]");
      for (const region of regions)
        new MutationObserver((all) => {
          for (const node of all.flatMap((change) => [...change.addedNodes])) window.heard.push(node.textContent);
        }).observe(region, { subtree: true, childList: true });
    });
  const heard = (page, wanted) =>
    page.waitForFunction((wanted) => JSON.stringify(window.heard) === JSON.stringify(wanted), wanted);
  const say = (page, ...steps) =>
    page.evaluate((steps) => {
      const one = window.__mock.world.sessions.get(location.hash.split("/")[1]);
      for (const step of steps) {
        if (step === "begin") one.begin();
        else if (step === "answer") {
          const item = { id: String(Math.random()), turn: one.turn, step: 1, at: 1 };
          item.body = { type: "agentMessage", text: "It is done.", model: "a/b" };
          one.emit({ type: "itemCompleted", item });
        } else if (step === "warn") one.emit({ type: "notice", level: "warn", text: "asked again after 7 seconds" });
        else one.end(step === "end" ? undefined : step);
      }
    }, steps);

  it(
    "hears that something is tried again and that it failed, and two answers that say the same",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await listen(page);
      const error = { code: "provider", message: "openai is away", hint: "try again", retryable: true };
      await say(page, "begin", "warn", { type: "failed", error });
      await heard(page, ["asked again after 7 seconds The turn failed: openai is away. try again."]);
      await say(page, "begin", "answer", "end");
      const done = "It is done. The answer is complete.";
      await page.waitForFunction((done) => window.heard.at(-1) === done, done);
      await say(page, "begin", "answer", "end");
      await page.waitForFunction((done) => window.heard.filter((words) => words === done).length === 2, done);
    }),
  );

  it(
    "hears a second question that takes the place of the first",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      await listen(page);
      await askFor(page, "make one");
      await heard(page, ["Jamey asks for your permission"]);
      await page.evaluate(() => {
        const one = window.__mock.world.sessions.get(location.hash.split("/")[1]);
        for (const decide of one.questions.values()) decide({ type: "deny", reason: "" });
      });
      await askFor(page, "make two");
      await heard(page, ["Jamey asks for your permission", "Jamey asks for your permission"]);
    }),
  );
});

describe("a session of which something is missing", () => {
  const bar = (page) => page.getByRole("alert").filter({ hasText: "Part of this session could not be read" });

  it(
    "says so above what is there, and is read on when asked",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      await page.evaluate(() => {
        const error = { code: "internal", message: "an event is not understood", hint: null, retryable: false };
        window.__mock.world.breakOff(location.hash.split("/")[1], error);
      });
      await bar(page).getByText("an event is not understood").waitFor();
      assert.ok((await page.locator(".row").count()) > 0);
      await accessible(page);
      await bar(page).getByRole("button", { name: "Try again" }).click();
      await bar(page).waitFor({ state: "detached" });
      await message(page).fill("And the peas?");
      await page.keyboard.press("Enter");
      await page.locator(".end-footer", { hasText: "240 out" }).waitFor();
    }),
  );

  it(
    "says so where a passage is waited for that does not come",
    inPage({ mock: "long" }, async (page) => {
      await page.locator(".session").first().waitFor();
      await page.evaluate(() => {
        const { jamey } = window.__mock;
        const { follow } = jamey;
        const error = { code: "internal", message: "an event is not understood", hint: null, retryable: false };
        jamey.follow = async (id, after, onBatch) => {
          if (after > 0) return follow(id, after, onBatch);
          jamey.follow = follow;
          setTimeout(() => onBatch({ events: [], error }));
          return () => {};
        };
      });
      await page.locator("#search").fill("Question 7: what");
      await page.locator(".snippet").first().click();
      await bar(page).waitFor();
      await page.locator(".skeleton").waitFor();
      await bar(page).getByRole("button", { name: "Try again" }).click();
      await page.locator(".user", { hasText: "Question 7: what" }).waitFor();
    }),
  );
});
