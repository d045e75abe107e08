/** The list of sessions: long ones, pins, deletions that are thought over, and a search that fails. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, go, message, suite, until } from "./page.mjs";

const inPage = suite();
const row = (page, title) => page.locator(".session-open", { hasText: title }).first();
const focused = (page) => page.evaluate(() => document.activeElement?.querySelector?.(".session-title")?.textContent);
const pinned = (page) => page.getByRole("region", { name: "Pinned", exact: true }).locator(".session-title");
const deleted = (page) => page.evaluate(() => window.__deleted ?? []);

/** Notes what the runtime is asked to delete. */
const listen = (page) =>
  page.evaluate(() => {
    const { jamey } = window.__mock;
    const { deleteSession } = jamey;
    window.__deleted = [];
    jamey.deleteSession = (id) => {
      window.__deleted.push(window.__mock.world.sessions.get(id).session.name);
      return deleteSession(id);
    };
  });

/** Waits until the conversation scrolls no more: rows that come into sight are measured, and move it. */
const still = (page) =>
  until(page, async () => {
    const box = document.querySelector(".scroller");
    const before = box.scrollTop;
    for (let n = 0; n < 15; n++) {
      await new Promise((done) => requestAnimationFrame(done));
      if (box.scrollTop !== before) return false;
    }
    return true;
  });

describe("another session", () => {
  it(
    "takes the place of the one before, of which nothing stays on the page",
    inPage({}, async (page) => {
      for (const title of ["Garden", "How full is this computer?", "Garden"]) {
        await go(page, title);
        await page.locator("h1", { hasText: title }).waitFor();
        assert.equal(await page.locator(".conversation").count(), 1);
        assert.equal(await message(page).count(), 1);
      }
    }),
  );
});

describe("a pin", () => {
  it(
    "is set and taken away by keys alone, and the focus stays on the session",
    inPage({}, async (page) => {
      await row(page, "Garden").focus();
      await page.keyboard.press("Control+d");
      assert.deepEqual(await pinned(page).allInnerTexts(), ["Garden"]);
      await page.waitForFunction(() => document.activeElement?.textContent?.includes("Garden"));
      assert.equal(await page.locator("h1").innerText(), "New session");
      await page.keyboard.press("Shift+F10");
      const item = page.getByRole("menuitem", { name: /^Unpin/ });
      assert.match(await item.innerText(), /Ctrl\+D/);
      await item.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Pinned", exact: true }).waitFor({ state: "detached" });
      await page.waitForFunction(() => document.activeElement?.textContent?.includes("Garden"));
    }),
  );

  it(
    "of the session on the page is in the palette, and is kept for the next window",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("pin this");
      await page.keyboard.press("Enter");
      await pinned(page).first().waitFor();
      await page.waitForFunction(() => document.activeElement?.id === "message");
      const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("jamey.prefs")).pinned);
      assert.deepEqual(kept, [await row(page, "Garden").getAttribute("data-session")]);
    }),
  );

  it(
    "keeps a session in the list however many are newer",
    inPage({}, async (page) => {
      await row(page, "Garden").focus();
      await page.keyboard.press("Control+d");
      await page.evaluate(() => {
        for (let n = 0; n < 300; n++) window.__mock.world.add(`Newer ${n}`, n * 1000);
      });
      await page.evaluate(() => window.__mock.lose());
      await page.getByRole("button", { name: "Start it" }).click();
      await row(page, "Newer 0").waitFor();
      assert.deepEqual(await pinned(page).allInnerTexts(), ["Garden"]);
      assert.equal(await page.locator(".session").count(), 201);
      await page.getByRole("button", { name: "Show older sessions" }).click();
      assert.ok((await page.locator(".session").count()) > 300);
    }),
  );
});

describe("sessions that are deleted", () => {
  it(
    "all come back with one button, however many they are",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      const count = await page.locator(".session").count();
      await listen(page);
      await page.locator(".session-open").first().focus();
      for (let n = 1; n <= 5; n++) {
        const before = await focused(page);
        await page.keyboard.press("Delete");
        // The next one has the focus before the next key.
        await page.waitForFunction((title) => {
          const now = document.activeElement?.querySelector?.(".session-title")?.textContent;
          return now && now !== title;
        }, before);
      }
      assert.equal(await page.locator(".toast").count(), 1);
      await page.getByText("5 sessions are deleted").waitFor();
      assert.equal(await page.locator(".session").count(), count - 5);
      await page.getByRole("button", { name: /^Undo/ }).click();
      assert.equal(await page.locator(".session").count(), count);
      assert.equal(await page.locator(".toast").count(), 0);
      assert.deepEqual(await deleted(page), []);
    }),
  );

  it(
    "are as many as the key was pressed, however fast, and the focus is never lost",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      const order = await page.locator(".session-title").allInnerTexts();
      await page.locator(".session-open").nth(1).focus();
      // Faster than the screen: all of them within one frame.
      await page.evaluate(async () => {
        const press = () =>
          document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Delete", bubbles: true, cancelable: true }),
          );
        for (let n = 0; n < 4; n++) {
          press();
          await null;
        }
      });
      await page.getByText("4 sessions are deleted").waitFor();
      assert.deepEqual(await page.locator(".session-title").allInnerTexts(), order.toSpliced(1, 4));
      assert.equal(await focused(page), order[5]);
      // At the end of the list the one before has it, and after the last one what makes a new one.
      await page.locator(".session-open").last().focus();
      for (let left = order.length - 4; left > 0; left--) await page.keyboard.press("Delete");
      await page.getByText("Your sessions appear here.").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.className), "sidebar-new");
    }),
  );

  it(
    "leave the focus in the list, whatever comes up on the page instead",
    inPage({}, async (page) => {
      await go(page, "Why does the build fail");
      await row(page, "Why does the build fail").focus();
      await page.keyboard.press("Delete");
      // A question, which else takes the focus.
      await page.locator(".approval").waitFor();
      assert.match(await focused(page), /^Clean up/);
      // Opening one is another matter.
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement?.closest(".main"));
      await row(page, "Clean up").focus();
      await page.keyboard.press("Delete");
      await page.keyboard.press("Delete");
      await page.getByText("3 sessions are deleted").waitFor();
    }),
  );

  it(
    "come back one by one with the key, the last one first",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await row(page, "Garden").focus();
      const order = await page.locator(".session-title").allInnerTexts();
      await page.keyboard.press("Delete");
      await page.waitForFunction(() => document.activeElement?.classList.contains("session-open"));
      assert.notEqual(await page.locator("h1").innerText(), "Garden");
      await page.keyboard.press("Delete");
      await page.getByText("2 sessions are deleted").waitFor();
      await page.waitForFunction(() => document.activeElement?.classList.contains("session-open"));
      await page.keyboard.press("Control+z");
      await page.getByText("“Garden” is deleted").waitFor();
      await page.keyboard.press("Control+z");
      await page.locator("h1", { hasText: "Garden" }).waitFor();
      assert.equal(await page.locator(".toast").count(), 0);
      assert.deepEqual(await page.locator(".session-title").allInnerTexts(), order);
    }),
  );

  it(
    "do not come back by a key that is meant for the text",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await row(page, "Which index").focus();
      await page.keyboard.press("Delete");
      await page.getByText("is deleted").waitFor();
      await message(page).click();
      await page.keyboard.type("a word");
      await page.keyboard.press("Control+z");
      assert.equal(await row(page, "Which index").count(), 0);
      await message(page).fill("");
      await page.keyboard.press("Control+z");
      await row(page, "Which index").waitFor();
    }),
  );

  it(
    "are deleted for good when the time is over, and not while one looks at the message",
    inPage({ begin: new Date("2026-03-05T15:20:00+01:00").getTime() }, async (page) => {
      while ((await row(page, "Garden").count()) === 0) await page.clock.runFor(50);
      await listen(page);
      await row(page, "Garden").focus();
      await page.keyboard.press("Delete");
      await page.clock.runFor(100);
      const undo = page.getByRole("button", { name: /^Undo/ });
      await undo.focus();
      await page.clock.runFor(60_000);
      assert.equal(await undo.count(), 1);
      await message(page).focus();
      await page.locator(".toast").hover();
      await page.clock.runFor(60_000);
      assert.equal(await undo.count(), 1);
      assert.deepEqual(await deleted(page), []);
      await page.mouse.move(0, 0);
      await page.clock.runFor(2500);
      assert.equal(await page.locator(".toast").count(), 0);
      assert.deepEqual(await deleted(page), ["Garden"]);
    }),
  );

  it(
    "are offered to come back in the palette, and as long as other things are said",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("delete this");
      await page.keyboard.press("Enter");
      await page.getByText("“Garden” is deleted").waitFor();
      for (let n = 0; n < 4; n++) await page.keyboard.press("Control+Shift+c");
      await page.locator(".toast").nth(2).waitFor();
      assert.equal(await page.getByText("“Garden” is deleted").count(), 1);
      await page.keyboard.press("Control+k");
      await page.keyboard.type("bring the");
      await page.keyboard.press("Enter");
      await page.locator("h1", { hasText: "Garden" }).waitFor();
    }),
  );
});

/** Asks for another name in the palette. */
const rename = async (page) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("rename this");
  await page.keyboard.press("Enter");
};
const isWriting = (page) => page.waitForFunction(() => document.activeElement?.id === "message");

describe("a name", () => {
  it(
    "is given in a narrow window too, where the list comes up for it and goes again",
    inPage({ width: 640 }, async (page) => {
      await page.getByRole("button", { name: "Show the sidebar" }).click();
      await go(page, "Garden");
      assert.equal(await page.locator(".sidebar").count(), 0);
      for (const [how, name] of [
        [() => rename(page), "Beds and beans"],
        [
          () =>
            message(page)
              .fill("/rename")
              .then(() => page.keyboard.press("Enter")),
          "Beans",
        ],
      ]) {
        await how();
        await page.locator(".sidebar .session-rename").waitFor();
        await page.keyboard.type(name);
        await page.keyboard.press("Enter");
        await page.locator("h1", { hasText: name }).waitFor();
        await isWriting(page);
        assert.equal(await page.locator(".sidebar").count(), 0);
      }
    }),
  );

  it(
    "is given in a dialog where the row is not in the list",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.keyboard.press("Control+Shift+f");
      await page.keyboard.type("landlord");
      await row(page, "Garden").waitFor({ state: "detached" });
      await message(page).focus();
      await rename(page);
      const dialog = page.getByRole("dialog", { name: "Rename" });
      await dialog.waitFor();
      await page.waitForFunction(() => document.activeElement?.value === "Garden");
      await accessible(page);
      await page.keyboard.press("Escape");
      await isWriting(page);
      assert.equal(await page.locator("h1").innerText(), "Garden");
      await rename(page);
      await dialog.waitFor();
      await page.keyboard.type("Beans");
      await page.keyboard.press("Enter");
      await page.locator("h1", { hasText: "Beans" }).waitFor();
      await isWriting(page);
      assert.equal(await dialog.count(), 0);
    }),
  );
});

/** The list is read anew, without some of the sessions that there are, and with many that are old. */
const listAnew = async (page, { without, old = 0 }) => {
  await page.evaluate(
    ({ without, old }) => {
      const { jamey, lose } = window.__mock;
      const { sessions } = jamey;
      jamey.sessions = async (...asked) => {
        jamey.sessions = sessions;
        const { data } = await sessions(...asked);
        const some = data.filter(({ name, title }) => !(name ?? title).includes(without));
        for (let n = 0; n < old; n++) some.push({ ...data.at(-1), id: `old-${n}`, name: `Old ${n}` });
        window.__read = true;
        return { data: some, next: old > 0 ? "more" : null };
      };
      window.__read = false;
      lose();
    },
    { without, old },
  );
  await page.getByRole("button", { name: "Start it" }).click();
  await page.waitForFunction(() => window.__read);
};

describe("a search", () => {
  it(
    "that fails says so instead of finding nothing, and is tried again with one button",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      await page.evaluate(() => {
        const { jamey } = window.__mock;
        const { search } = jamey;
        jamey.search = async () => {
          jamey.search = search;
          throw { code: "storage", message: "the index is being written", hint: "try again soon", retryable: true };
        };
      });
      await page.keyboard.press("Control+Shift+f");
      // At once: letter by letter on a busy machine would be several searches, and only the first fails.
      await page.keyboard.insertText("third argument");
      await page.getByText("Search failed: the index is being written.").waitFor();
      assert.equal(await page.getByText("No results").count(), 0);
      await accessible(page);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.locator(".snippet mark", { hasText: "third argument" }).waitFor();
      assert.equal(await page.getByText("Search failed").count(), 0);
    }),
  );

  it(
    "leads to a passage each time that it is chosen, also after one scrolled away",
    inPage({ mock: "long" }, async (page) => {
      await row(page, "Garden").waitFor();
      await page.keyboard.press("Control+Shift+f");
      await page.keyboard.type("Question 7:");
      const passage = page.locator(".session-open", { has: page.locator(".snippet") }).first();
      await passage.click();
      await page.locator(".user", { hasText: "Question 7:" }).waitFor();
      await still(page);
      await page.getByRole("button", { name: "Jump to the latest" }).click();
      await page.locator(".user", { hasText: "Question 1250:" }).waitFor();
      assert.equal(await page.locator(".user", { hasText: "Question 7:" }).count(), 0);
      await passage.click();
      await page.locator(".user", { hasText: "Question 7:" }).waitFor();
    }),
  );

  it(
    "shows the first of what it found, and more when that is asked for",
    inPage({ mock: "long" }, async (page) => {
      await row(page, "Garden").waitFor();
      await page.evaluate(() => {
        for (let n = 0; n < 50; n++) window.__mock.world.add(`Question of the day ${n}`, n * 1000);
      });
      await page.locator("#search").fill("Question");
      const passages = page.locator("[data-passage]");
      const titles = page.getByRole("region", { name: "Titles" }).locator(".session-open");
      await passages.nth(29).waitFor();
      assert.equal(await passages.count(), 30);
      assert.equal(await titles.count(), 20);
      await page.getByRole("button", { name: "Show more titles" }).focus();
      await page.keyboard.press("Enter");
      await titles.nth(50).or(titles.nth(49)).first().waitFor();
      assert.equal(await page.getByRole("button", { name: "Show more titles" }).count(), 0);
      const at = (list) => list.evaluateAll((rows) => rows.indexOf(document.activeElement));
      assert.equal(await at(titles), 20);
      await accessible(page);
      await page.getByRole("button", { name: "Show more passages" }).focus();
      await page.keyboard.press("Enter");
      await passages.nth(119).waitFor();
      assert.equal(await at(passages), 30);
      // Other words begin anew.
      await page.locator("#search").fill("Question 1");
      await page.waitForFunction(() => document.querySelectorAll("[data-passage]").length === 30);
    }),
  );

  it(
    "finds nothing in a session that is deleted, and Delete on a passage deletes no session",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      const count = await page.locator(".session").count();
      await page.locator("#search").fill("Good luck with");
      const passage = page.locator("[data-passage]").first();
      await passage.focus();
      await page.keyboard.press("Delete");
      assert.equal(await page.locator(".toast").count(), 0);
      await page.locator("#search").fill("");
      assert.equal(await page.locator(".session").count(), count);
      await row(page, "Garden").focus();
      await page.keyboard.press("Delete");
      await page.getByText("“Garden” is deleted").waitFor();
      await page.locator("#search").fill("Good luck with");
      await page.getByText("No results").waitFor();
      await page.getByRole("button", { name: /^Undo/ }).click();
      await passage.waitFor();
      // Another face deletes it.
      await page.evaluate((id) => window.__mock.jamey.deleteSession(id), await passage.getAttribute("data-session"));
      await page.getByText("No results").waitFor();
    }),
  );

  it(
    "keeps the focus when a session is deleted in it: not on its passages, which go too",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      await page.evaluate(() => {
        const all = [...window.__mock.world.sessions.values()];
        for (const one of all.filter(({ session }) => session.name === "Garden")) one.user("My garden again.");
        all.at(-1).user("Not in the garden.");
      });
      await page.locator("#search").fill("garden");
      const passages = page.locator("[data-passage]");
      await passages.nth(1).waitFor();
      const last = await passages.last().getAttribute("data-session");
      const title = page.getByRole("region", { name: "Titles" }).locator(".session-open");
      assert.notEqual(await title.getAttribute("data-session"), last);
      assert.equal(await passages.first().getAttribute("data-session"), await title.getAttribute("data-session"));
      await title.focus();
      await page.keyboard.press("Delete");
      await page.getByText("“Garden” is deleted").waitFor();
      await page.waitForFunction((last) => document.activeElement?.dataset.session === last, last);
    }),
  );

  it(
    "finds a title that the list does not reach, and what is opened from there is in the list as any other",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      await listAnew(page, { without: "Garden" });
      await row(page, "Garden").waitFor({ state: "detached" });
      await page.locator("#search").fill("GÄRDEN");
      const title = page.getByRole("region", { name: "Titles" }).locator(".session-open");
      await title.waitFor();
      assert.equal(await title.locator(".session-title").innerText(), "Garden");
      await page.getByText(/^1 session, /).waitFor({ state: "attached" });
      // What was said there is told by its title too.
      await page.locator("#search").fill("Good luck with");
      const passage = page.locator("[data-passage]").first();
      await passage.waitFor();
      assert.equal(await passage.locator(".session-title").innerText(), "Garden");
      // It is deleted and brought back from there.
      await page.locator("#search").fill("garden");
      await title.focus();
      await page.keyboard.press("Delete");
      await page.getByText("“Garden” is deleted").waitFor();
      await title.waitFor({ state: "detached" });
      await page.getByRole("button", { name: /^Undo/ }).click();
      await title.waitFor();
      await listAnew(page, { without: "Garden" });
      await title.click();
      await page.locator("h1", { hasText: "Garden" }).waitFor();
      await page.locator("#search").fill("");
      await row(page, "Garden").waitFor();
      await rename(page);
      await page.locator(".sidebar .session-rename").waitFor();
      await page.keyboard.type("Beans");
      await page.keyboard.press("Enter");
      await page.locator("h1", { hasText: "Beans" }).waitFor();
    }),
  );

  it(
    "shows more titles where the list is cut, as long as there are more",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      await page.evaluate(() => {
        for (let n = 0; n < 40; n++) window.__mock.world.add(`Plan of the world ${n}`, n * 1000);
      });
      await listAnew(page, { without: "Plan of", old: 5000 });
      await row(page, "Plan of").waitFor({ state: "detached" });
      await page.locator("#search").fill("world plan");
      const titles = page.getByRole("region", { name: "Titles" }).locator(".session-open");
      await page.getByText(/^30 sessions, .* and more$/).waitFor({ state: "attached" });
      assert.equal(await titles.count(), 20);
      const more = page.getByRole("button", { name: "Show more titles" });
      await more.focus();
      await page.keyboard.press("Enter");
      await titles.nth(39).waitFor();
      await more.waitFor({ state: "detached" });
      assert.equal(await titles.count(), 40);
      assert.equal(await titles.evaluateAll((rows) => rows.indexOf(document.activeElement)), 20);
      await page.getByText(/^40 sessions, 0 passages$/).waitFor({ state: "attached" });
    }),
  );

  it(
    "finds more where all that it found first is in a session that is deleted",
    inPage({}, async (page) => {
      await row(page, "Garden").waitFor();
      await page.evaluate(() => {
        const all = [...window.__mock.world.sessions.values()];
        const garden = all.find(({ session }) => session.name === "Garden");
        for (let n = 0; n < 30; n++) garden.user(`nightingale ${n}`);
        all.at(-1).user("The nightingale at last.");
      });
      await row(page, "Garden").focus();
      await page.keyboard.press("Delete");
      await page.getByText("“Garden” is deleted").waitFor();
      await page.locator("#search").fill("nightingale");
      await page.getByRole("button", { name: "Show more passages" }).focus();
      assert.equal(await page.locator("[data-passage]").count(), 0);
      assert.equal(await page.getByText("No results").count(), 0);
      await accessible(page);
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement?.textContent.includes("The nightingale at last."));
    }),
  );
});

describe("what is next", () => {
  const titles = (page) => page.locator(".sidebar .session-title").allInnerTexts();

  for (const grouping of ["day", "folder"]) {
    it(
      `is the next row of the list, whatever its order: pinned first, by ${grouping}`,
      inPage({}, async (page) => {
        await row(page, "Garden").waitFor();
        await page.evaluate((by) => window.__mock.jamey.setConfig("desktop.group_by", by), grouping);
        await page.evaluate(() => window.__mock.world.tellAll({ session: "", at: 0, body: { type: "configChanged" } }));
        await page.waitForFunction(
          (by) => JSON.parse(localStorage["jamey.prefs"] ?? "{}").grouping === by || by === "day",
          grouping,
        );
        await row(page, "Garden").focus();
        await page.keyboard.press("Control+d");
        const shown = await titles(page);
        assert.equal(shown[0], "Garden");
        await row(page, "Garden").click();
        for (const title of shown.slice(1, 5)) {
          await page.keyboard.press("Control+ArrowDown");
          await page.waitForFunction((title) => document.querySelector("h1").textContent === title, title);
        }
        // What opens after the one on the page is deleted stands below it.
        await page.keyboard.press("Control+k");
        await page.keyboard.type("delete this");
        await page.keyboard.press("Enter");
        await page.waitForFunction((title) => document.querySelector("h1").textContent === title, shown[5]);
      }),
    );
  }
});

it(
  "a search tells how much it found once the typing rests, and not with each letter",
  inPage({}, async (page) => {
    await row(page, "Garden").waitFor();
    await page.locator("#search").fill("g");
    const told = page.locator('.sidebar-list [role="status"]');
    await told.waitFor({ state: "attached" });
    assert.equal(await page.locator(".sidebar-list [aria-live]").count(), 0);
    await page.evaluate(() => {
      window.__told = [];
      const box = document.querySelector('.sidebar-list [role="status"]');
      new MutationObserver(() => window.__told.push(box.textContent)).observe(box, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    await page.locator("#search").pressSequentially("arden");
    await page.waitForFunction(() => /^1 session, \d+ passages?/.test(window.__told.at(-1) ?? ""));
    assert.equal((await page.evaluate(() => window.__told)).filter((words) => words !== "").length, 1);
  }),
);
