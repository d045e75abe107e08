/** What was typed is somewhere at every moment: in the field, with the runtime, or kept until it is. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, drop, go, kept, message, suite } from "./page.mjs";

const inPage = suite();
const NOTES = { name: "notes.md", text: "# Beds\n\nBeans go north." };

/** From now on the runtime takes no words and says nothing; the page has `answer` to let it go on. */
const hang = (page) =>
  page.evaluate(() => {
    const { jamey } = window.__mock;
    const { submit } = jamey;
    jamey.submit = async (...given) => {
      const error = await new Promise((done) => {
        window.answer = done;
      });
      jamey.submit = submit;
      if (error) throw error;
      return submit(...given);
    };
  });
const REFUSED = { code: "storage", message: "the disk is full", retryable: true };
const UNANSWERED = { code: "unreachable", message: "the connection to the runtime broke", retryable: true };

describe("words whose runtime does not answer", () => {
  it(
    "leave the field at once and are there again, with their files, in the next window",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await drop(page, [NOTES]);
      await kept(page, 1);
      await hang(page);
      await message(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.answer);
      assert.equal(await message(page).inputValue(), "");
      assert.equal(await page.locator(".held").count(), 0);
      await message(page).fill("And the peas?");
      await page.reload();
      await page.locator(".held", { hasText: "notes.md" }).waitFor();
      assert.equal(await message(page).inputValue(), "Where do the beans go?\n\nAnd the peas?");
    }),
  );

  it(
    "are forgotten when it has them at last, and not what was typed meanwhile",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      await drop(page, [NOTES]);
      await page.locator('.held[data-state="here"]').waitFor();
      await hang(page);
      await message(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.answer);
      await message(page).fill("And the peas?");
      await page.evaluate(() => window.answer());
      await page.locator(".user", { hasText: "Where do the beans go?" }).waitFor();
      await page.locator(".end-footer", { hasText: "240 out" }).waitFor();
      const drafts = await page.evaluate(() =>
        Object.entries(localStorage).flatMap(([key, value]) => (/^jamey\.(?!prefs)/.test(key) ? [value] : [])),
      );
      assert.deepEqual(drafts, ["And the peas?"]);
      await kept(page, 0);
    }),
  );

  it(
    "come back before what was typed since, also where the person has gone elsewhere meanwhile",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await hang(page);
      await message(page).fill("one");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.answer);
      await message(page).fill("two");
      await go(page, "Which index");
      await page.evaluate((error) => window.answer(error), REFUSED);
      await page.locator(".toast", { hasText: "The message was not sent" }).waitFor();
      assert.equal(await page.locator(".composer-failed").count(), 0);
      await go(page, "Garden");
      assert.equal(await message(page).inputValue(), "one\n\ntwo");
    }),
  );

  /** From now on the runtime takes words and its answer to them is lost, `times` times. */
  const lose = (page, times) =>
    page.evaluate(
      ([times, error]) => {
        const { jamey } = window.__mock;
        const { submit } = jamey;
        window.asked = 0;
        jamey.submit = async (...given) => {
          const accepted = await submit(...given);
          if (window.asked++ < times) throw error;
          return accepted;
        };
      },
      [times, UNANSWERED],
    );

  it(
    "are said once, and are not back in the field, when it had them and its answer was lost",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      await lose(page, 2);
      await message(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.asked === 3);
      await page.locator(".end-footer", { hasText: "240 out" }).waitFor();
      assert.equal(await page.evaluate(() => window.__mock.said("Where do the beans go?")), 1);
      assert.equal(await page.locator(".user", { hasText: "Where do the beans go?" }).count(), 1);
      assert.equal(await message(page).inputValue(), "");
      assert.equal(await page.locator(".composer-failed").count(), 0);
      await page.waitForFunction(() => Object.keys(localStorage).every((key) => !/leaving|draft/.test(key)));
    }),
  );

  it(
    "stay on the page as not sent yet while it is away, and go out when it is back",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      await hang(page);
      await message(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.answer);
      await page.evaluate((error) => {
        window.__mock.lose();
        window.answer(error);
      }, UNANSWERED);
      const words = page.locator(".user", { hasText: "Where do the beans go?" });
      await words.getByText("No answer yet").waitFor();
      assert.equal(await page.locator(".working").count(), 0);
      // They are shown nowhere else, also after a look elsewhere.
      assert.equal(await message(page).inputValue(), "");
      for (const other of ["Which index", "Why does the build", "How full", "Draw how", "Summarise"]) {
        await page.locator(".session-open", { hasText: other }).first().click();
        await page.locator("h1", { hasText: other }).waitFor();
        assert.equal(await words.count(), 0);
      }
      await go(page, "Garden");
      await words.getByText("No answer yet").waitFor();
      await page.evaluate(() => window.__mock.setConnection({ state: "ready", version: "0.4.0" }));
      await page.locator(".end-footer", { hasText: "240 out" }).waitFor();
      assert.equal(await page.evaluate(() => window.__mock.said("Where do the beans go?")), 1);
      assert.equal(await words.count(), 1);
    }),
  );

  it(
    "of a session that began with them are shown there, and are in the field again in the next window",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await hang(page);
      await message(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.answer);
      await page.evaluate((error) => {
        window.__mock.lose();
        window.answer(error);
      }, UNANSWERED);
      await page.locator(".user", { hasText: "Where do the beans go?" }).getByText("No answer yet").waitFor();
      await page.goto(page.url().replace(/#.*/, "&again"));
      await page.locator(".session").first().waitFor();
      await page.waitForFunction(() => document.querySelector("#message")?.value === "Where do the beans go?");
    }),
  );
});

describe("words whose files are still being read", () => {
  /** From now on no file arrives until the page says `arrive()`, or `arrive(error)`. */
  const slowly = (page) =>
    page.evaluate(() => {
      const { jamey } = window.__mock;
      const upload = jamey.uploadAttachment;
      const come = new Promise((done) => {
        window.arrive = done;
      });
      jamey.uploadAttachment = async (...given) => {
        const error = await come;
        if (error) throw error;
        return upload(...given);
      };
    });
  /** Sends words with a file from the garden, and goes to another session before the file has arrived. */
  const leave = async (page) => {
    await go(page, "Garden");
    await slowly(page);
    await drop(page, [NOTES]);
    await message(page).fill("Where do the beans go?");
    await page.keyboard.press("Enter");
    await page.locator(".send .spinner").waitFor();
    await go(page, "Which index");
    await message(page).fill("typed over here");
  };

  it(
    "leave what is typed in another session alone",
    inPage({ query: "&speed=20" }, async (page) => {
      await leave(page);
      assert.equal(await page.locator(".send .spinner").count(), 0);
      await page.evaluate(() => window.arrive());
      await page.waitForFunction(() => window.__mock.said("Where do the beans go?") === 1);
      assert.equal(await message(page).inputValue(), "typed over here");
      await go(page, "Garden");
      await page.locator(".user", { hasText: "Where do the beans go?" }).waitFor();
      assert.equal(await message(page).inputValue(), "");
      await go(page, "Which index");
      assert.equal(await message(page).inputValue(), "typed over here");
    }),
  );

  it(
    "stay with their session when the file is refused, and say so wherever the person is",
    inPage({}, async (page) => {
      await leave(page);
      await page.evaluate((error) => window.arrive(error), REFUSED);
      await page.locator(".toast", { hasText: "The message was not sent" }).waitFor();
      assert.equal(await page.locator(".composer-failed").count(), 0);
      assert.equal(await message(page).inputValue(), "typed over here");
      await go(page, "Garden");
      assert.equal(await message(page).inputValue(), "Where do the beans go?");
      assert.equal(await page.locator('.held[data-state="failed"]').count(), 1);
    }),
  );

  it(
    "take those along that are dropped meanwhile",
    inPage({ query: "&speed=20" }, async (page) => {
      await go(page, "Garden");
      await slowly(page);
      await drop(page, [NOTES]);
      await message(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.locator(".send .spinner").waitFor();
      await drop(page, [{ name: "more.md", text: "Peas go south." }]);
      await page.locator(".held", { hasText: "more.md" }).waitFor();
      await page.evaluate(() => window.arrive());
      const said = page.locator(".row", { has: page.locator(".user", { hasText: "Where do the beans go?" }) });
      await said.getByText("notes.md").waitFor();
      await said.getByText("more.md").waitFor();
      assert.equal(await page.locator(".held").count(), 0);
    }),
  );

  it(
    "are not sent twice by a person who comes back",
    inPage({ query: "&speed=20" }, async (page) => {
      await leave(page);
      await go(page, "Garden");
      await page.locator(".send .spinner").waitFor();
      assert.equal(await message(page).inputValue(), "Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.evaluate(() => window.arrive());
      await page.locator(".end-footer", { hasText: "240 out" }).waitFor();
      assert.equal(await page.evaluate(() => window.__mock.said("Where do the beans go?")), 1);
      assert.equal(await message(page).inputValue(), "");
    }),
  );
});

describe("files of a session that is deleted elsewhere", () => {
  const gone = (page) => page.getByRole("status", { name: "This session is gone" });
  const deleteHere = (page) => page.evaluate(() => window.__mock.jamey.deleteSession(location.hash.split("/")[1]));
  const stored = (page) =>
    page.evaluate(() => Object.keys(localStorage).filter((key) => /^jamey\.(draft|leaving|attached)/.test(key)));

  it(
    "go along with the words into a new session",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await drop(page, [NOTES, { name: "beds.png", picture: "#4a7d4f" }]);
      await page.locator('.held[data-state="here"]').nth(1).waitFor();
      await message(page).fill("Where do the beans go?");
      await deleteHere(page);
      await gone(page).locator(".held").nth(1).waitFor();
      await accessible(page);
      await gone(page).getByRole("button", { name: "Move to a new session" }).click();
      await page.locator("h1", { hasText: "New session" }).waitFor();
      assert.deepEqual(await page.locator(".held-name").allInnerTexts(), ["notes.md", "beds.png"]);
      assert.equal(await message(page).inputValue(), "Where do the beans go?");
      // They are kept with it, and nowhere else.
      await kept(page, 2);
      assert.deepEqual(await stored(page), ["jamey.draft.new"]);
      await page.reload();
      await page.locator(".held", { hasText: "beds.png" }).waitFor();
    }),
  );

  it(
    "are offered by the next window too, and those that went with it are named",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await drop(page, [{ name: "old.md", text: "Peas go south." }]);
      await page.locator('.held[data-state="here"]').waitFor();
      await page.evaluate(() => {
        window.__mock.jamey.uploadAttachment = () => new Promise(() => {});
      });
      await drop(page, [NOTES]);
      await message(page).fill("Where do the beans go?");
      await kept(page, 1);
      // The runtime of the next window does not know the session.
      await page.reload();
      await gone(page).getByText("old.md was with the deleted session alone and cannot go along.").waitFor();
      await gone(page).getByText("Where do the beans go?").waitFor();
      assert.deepEqual(await gone(page).locator(".held-name").allInnerTexts(), ["notes.md"]);
      await accessible(page);
      await gone(page).getByRole("button", { name: "Move to a new session" }).click();
      await page.locator(".held", { hasText: "notes.md" }).waitFor();
      assert.equal(await message(page).inputValue(), "Where do the beans go?");
      await kept(page, 1);
      assert.deepEqual(await stored(page), ["jamey.draft.new"]);
    }),
  );

  it(
    "are forgotten with the words when they are discarded",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.evaluate(() => {
        window.__mock.jamey.uploadAttachment = () => new Promise(() => {});
      });
      await message(page).fill("Where do the beans go?");
      await drop(page, [NOTES]);
      await page.locator(".held", { hasText: "notes.md" }).waitFor();
      await kept(page, 1);
      await deleteHere(page);
      await gone(page).getByRole("button", { name: "Discard it" }).click();
      await gone(page).getByRole("button").first().waitFor({ state: "detached" });
      await kept(page, 0);
      assert.deepEqual(await stored(page), []);
    }),
  );

  it(
    "stay where they are when the new session has as many as a message takes",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await drop(
        page,
        Array.from({ length: 20 }, (_, n) => ({ name: `photo-${n}.txt`, text: "x" })),
      );
      await page.locator(".held").nth(19).waitFor();
      await go(page, "Garden");
      await drop(page, [NOTES]);
      await page.locator('.held[data-state="here"]').waitFor();
      await deleteHere(page);
      await gone(page).getByRole("button", { name: "Move to a new session" }).click();
      await page.locator(".toast", { hasText: "a message takes 20" }).waitFor();
      assert.equal(await gone(page).locator(".held", { hasText: "notes.md" }).count(), 1);
    }),
  );
});

describe("the quick prompt", () => {
  const QUICK = { file: "quick.html" };
  const field = (page) => page.locator(".quick textarea");

  it(
    "has the words again when it is opened anew before the runtime answered",
    inPage(QUICK, async (page) => {
      await field(page).waitFor();
      await page.evaluate(() => {
        window.__mock.jamey.createSession = () => new Promise(() => {});
      });
      await field(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      assert.equal(await field(page).inputValue(), "");
      await page.reload();
      await field(page).waitFor();
      assert.equal(await field(page).inputValue(), "Where do the beans go?");
    }),
  );

  it(
    "gives words and chosen context back when they could not be asked",
    inPage(QUICK, async (page) => {
      await field(page).waitFor();
      await page.evaluate((error) => {
        window.__mock.jamey.createSession = async () => {
          throw error;
        };
        window.__mock.quick({ context: { selection: { text: "the quick brown fox", letters: 19 } } });
      }, REFUSED);
      await page.getByRole("button", { name: "Add: Selected text" }).click();
      await field(page).fill("What is this?");
      await page.keyboard.press("Enter");
      await page.getByText("the disk is full").waitFor();
      assert.equal(await field(page).inputValue(), "What is this?");
      assert.equal(await page.getByRole("button", { pressed: true }).count(), 1);
    }),
  );

  it(
    "hands what was not asked over to the window, whatever that shows",
    inPage({}, async (page) => {
      await message(page).fill("typed here before");
      await go(page, "Garden");
      const quick = await page.context().newPage();
      await quick.goto(page.url().replace("index.html", "quick.html"));
      await field(quick).waitFor();
      await quick.evaluate(() =>
        window.__mock.quick({ context: { selection: { text: "the quick brown fox", letters: 19 } } }),
      );
      await quick.getByRole("button", { name: "Add: Selected text" }).click();
      await field(quick).fill("What is this?");
      await quick.keyboard.press("Control+Enter");
      await quick.waitForFunction(() => document.title === "hidden");
      assert.equal(await field(quick).inputValue(), "");
      await page.getByRole("heading", { name: "What can I do" }).waitFor();
      await page.waitForFunction(() =>
        document.querySelector("#message").value.endsWith("> the quick brown fox\n\nWhat is this?"),
      );
      assert.match(await message(page).inputValue(), /^typed here before\n\n> the quick/);
    }),
  );

  it(
    "hands words over to the draft of the session that it asked",
    inPage({ ...QUICK, query: "&speed=20" }, async (page) => {
      await field(page).fill("Where do the beans go?");
      await page.keyboard.press("Enter");
      await page.locator(".end-footer").waitFor();
      await field(page).fill("And the peas?");
      await page.keyboard.press("Control+Enter");
      await page.waitForFunction(() => document.title === "moved");
      const drafts = await page.evaluate(() => Object.entries(localStorage).filter(([key]) => /draft/.test(key)));
      assert.match(drafts[0][0], /^jamey\.draft\.[0-9a-f-]{36}$/);
      assert.deepEqual(
        drafts.map(([, words]) => words),
        ["And the peas?"],
      );
    }),
  );
});
