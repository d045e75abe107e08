/** The window in a browser, against the scripted runtime and under a policy as strict as the real one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, drop, go, message, suite } from "./page.mjs";

const inPage = suite();

describe("a session", () => {
  it(
    "begins with a message, streams its answer, and is in the list",
    inPage({ query: "&speed=8" }, async (page) => {
      await page.locator(".session").first().waitFor();
      await message(page).fill("Where do the beans go in the garden?");
      await page.keyboard.press("Enter");
      await page.locator(".user", { hasText: "Where do the beans go" }).waitFor();
      await page.locator(".end-footer").waitFor();
      assert.match(await page.locator(".markdown").innerText(), /North bed/);
      assert.equal(
        await page.locator(".session.here .session-title").innerText(),
        "Where do the beans go in the garden?",
      );
      assert.equal(await message(page).inputValue(), "");
    }),
  );

  it(
    "sends with Enter, breaks the line with Shift+Enter, and does not send a word that is being composed",
    inPage({ query: "&speed=8" }, async (page) => {
      await page.locator(".session").first().waitFor();
      await message(page).fill("one");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("two");
      assert.equal(await message(page).inputValue(), "one\ntwo");
      await message(page).dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
      assert.equal(await message(page).inputValue(), "one\ntwo");
      await page.keyboard.press("Enter");
      await page.locator(".user").first().waitFor();
    }),
  );

  it(
    "is stopped with Esc, and a message sent meanwhile steers it",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await message(page).fill("Tell me a long story about a process");
      await page.keyboard.press("Enter");
      await page.locator(".markdown").first().waitFor();
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await message(page).fill("and one about disks");
      await page.getByRole("button", { name: "Send now" }).click();
      await page.locator(".user", { hasText: "and one about disks" }).waitFor();
      await page.keyboard.press("Escape");
      await page.locator(".end-stopped").waitFor();
    }),
  );

  it(
    "has its own title, folder and files above and below it, whichever was open before",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await drop(page, [{ name: "notes.md", text: "Beans go north." }]);
      await page.locator(".held").waitFor();
      await go(page, "Which index");
      assert.match(await page.locator("h1").innerText(), /^Which index/);
      assert.match(await page.locator(".header-about").innerText(), /jamey/);
      assert.equal(await page.locator(".held").count(), 0);
      await go(page, "Garden");
      assert.equal(await page.locator("h1").innerText(), "Garden");
      assert.equal(await page.locator(".held").count(), 1);
    }),
  );

  it(
    "keeps each draft with its session, where it outlives the window",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).fill("about strawberries");
      await go(page, "Which index");
      assert.equal(await message(page).inputValue(), "");
      await message(page).fill("about indices");
      await go(page, "Garden");
      assert.equal(await message(page).inputValue(), "about strawberries");
      const kept = await page.evaluate(() => Object.values(localStorage));
      for (const draft of ["about strawberries", "about indices"]) assert.ok(kept.includes(draft));
    }),
  );

  it(
    "gives the words back when they could not be sent",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.evaluate(() => {
        const mock = window.__mock;
        const [id] = [...mock.world.sessions.keys()].filter(
          (one) => mock.world.sessions.get(one).session.name === "Garden",
        );
        mock.world.sessions.delete(id);
      });
      await message(page).fill("are you there?");
      await page.keyboard.press("Enter");
      await page.locator(".composer-failed").waitFor();
      assert.equal(await message(page).inputValue(), "are you there?");
    }),
  );

  it(
    "that cannot start a runtime again says why and what to do, and looks alarmed only when it must",
    inPage({ mock: "broken" }, async (page) => {
      await go(page, "Garden");
      await page.evaluate(() => window.__mock.setConnection({ state: "connecting" }));
      await page.getByRole("status").getByText("Reconnecting").waitFor();
      await page.evaluate(() => window.__mock.lose());
      await page.getByText("Your draft is safe").waitFor();
      assert.equal(await page.getByText("its log says why").count(), 0);
      await page.getByRole("button", { name: "Start it" }).click();
      await page.getByText("jamey-runtime cannot be started: no such file").waitFor();
      await page.getByText("reinstall Jamey").waitFor();
      await page.evaluate(() => window.__mock.setConnection({ state: "preparing" }));
      await page.getByRole("status").getByText("The runtime prepares its database").waitFor();
      // Whoever pressed a button now would end that work.
      assert.equal(await page.locator(".bar button").count(), 0);
    }),
  );

  it(
    "that lost its runtime says so, keeps the draft, and goes on when it is mended",
    inPage({ query: "&speed=8" }, async (page) => {
      await go(page, "Garden");
      await message(page).fill("still here");
      await page.evaluate(() => window.__mock.lose());
      await page.getByText("The connection to the runtime is lost").waitFor();
      assert.equal(await page.getByRole("button", { name: "Send" }).isDisabled(), true);
      await page.getByRole("button", { name: "Start it" }).click();
      await page.getByText("The connection to the runtime is lost").waitFor({ state: "detached" });
      await page.waitForFunction(() => !document.querySelector(".send").disabled);
      assert.equal(await message(page).inputValue(), "still here");
      assert.equal(await page.locator(".user").count(), 2);
      await page.keyboard.press("Control+l");
      await page.keyboard.press("Enter");
      await page.locator(".user", { hasText: "still here" }).waitFor();
    }),
  );
});

describe("a session that is deleted elsewhere", () => {
  for (const heard of [true, false]) {
    it(
      `is shown as gone and keeps what was typed, ${heard ? "as it is told" : "found out after the connection was lost"}`,
      inPage({}, async (page) => {
        await go(page, "Garden");
        await message(page).fill("And where do the peas go?");
        const id = await page.evaluate(() => location.hash.split("/")[1]);
        await page.evaluate(
          async ([id, heard]) => {
            const { jamey, world, lose } = window.__mock;
            if (heard) return jamey.deleteSession(id);
            lose();
            world.sessions.delete(id);
          },
          [id, heard],
        );
        if (!heard) await page.getByRole("button", { name: "Start it" }).click();
        const gone = page.getByRole("status", { name: "This session is gone" });
        await gone.getByText("And where do the peas go?").waitFor();
        assert.equal(await message(page).count(), 0);
        assert.ok((await page.locator(".row").count()) > 0);
        assert.equal(await page.locator(".session-open", { hasText: "Garden" }).count(), 0);
        await accessible(page);
        // What was said can be copied; nothing else can be done with it.
        await page.keyboard.press("Control+k");
        await page.getByRole("option", { name: "Copy the last answer" }).waitFor();
        for (const what of ["Rename", "Delete", "Pin"])
          assert.equal(await page.getByRole("option", { name: `${what} this session` }).count(), 0);
        assert.equal(await page.getByRole("option", { name: "Retry the last message" }).count(), 0);
        await page.keyboard.press("Escape");
        await gone.getByRole("button", { name: "Copy" }).click();
        await page.getByText("Copied", { exact: true }).waitFor();
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "And where do the peas go?");
        await gone.getByRole("button", { name: "Move to a new session" }).click();
        await page.locator("h1", { hasText: "New session" }).waitFor();
        assert.equal(await message(page).inputValue(), "And where do the peas go?");
        // They went along, and are not kept to be taken twice.
        assert.equal(await page.evaluate((id) => localStorage.getItem(`jamey.draft.${id}`), id), null);
      }),
    );
  }

  it(
    "does not offer to ask again what was stopped",
    inPage({}, async (page) => {
      await go(page, "What should a resident");
      const again = page.locator(".end-again");
      await again.waitFor();
      await page.evaluate(() => window.__mock.jamey.deleteSession(location.hash.split("/")[1]));
      await page.getByRole("status", { name: "This session is gone" }).waitFor();
      assert.equal(await page.locator(".end-stopped").count(), 1);
      assert.equal(await again.count(), 0);
    }),
  );

  it(
    "shows the words that were on their way too",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.evaluate(() => {
        window.__mock.jamey.submit = () =>
          new Promise((_, refuse) => {
            window.refuse = () => refuse({ code: "not_found", message: "there is no such session", retryable: false });
          });
      });
      await message(page).fill("And where do the peas go?");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.refuse);
      await page.evaluate(() => window.__mock.jamey.deleteSession(location.hash.split("/")[1]));
      const gone = page.getByRole("status", { name: "This session is gone" });
      await gone.waitFor();
      assert.equal(await gone.getByRole("button").count(), 0);
      await page.evaluate(() => window.refuse());
      await gone.getByText("And where do the peas go?").waitFor();
    }),
  );
});

describe("a session that waits out of sight", () => {
  const chip = (page) => page.getByRole("button", { name: /wait(s)? for you$/ }).and(page.locator(".header *"));

  it(
    "is told in the header while the list is hidden, and is one press away",
    inPage({}, async (page) => {
      await go(page, "Garden");
      assert.equal(await chip(page).count(), 0);
      await page.keyboard.press("Control+b");
      await page.getByRole("button", { name: "2 sessions wait for you" }).waitFor();
      await accessible(page);
      await chip(page).click();
      await page.locator(".approval").waitFor();
      // The one on the page is seen.
      assert.equal(await chip(page).innerText(), "1 session waits for you");
      await page.keyboard.press("Control+b");
      await chip(page).waitFor({ state: "detached" });
    }),
  );

  it(
    "is told in a narrow window, and where the list shows other sessions",
    inPage({ width: 640, height: 700 }, async (page) => {
      await page.getByRole("button", { name: "2 sessions wait for you" }).waitFor();
      await page.setViewportSize({ width: 1100, height: 700 });
      await chip(page).waitFor({ state: "detached" });
      await page.locator("#search").fill("Garden");
      await page.getByRole("button", { name: "2 sessions wait for you" }).waitFor();
      await page.locator("#search").fill("");
      await chip(page).waitFor({ state: "detached" });
      await page.evaluate(() => {
        for (let n = 0; n < 40; n++) window.__mock.world.add(`Newer ${n}`, -n * 1000);
      });
      await chip(page).waitFor();
      await page.locator(".session-open", { hasText: "Set the reminder" }).scrollIntoViewIfNeeded();
      await chip(page).waitFor({ state: "detached" });
    }),
  );
});

describe("a question", () => {
  it(
    "is never approved by an Enter that was meant for the message",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await go(page, "Clean up the old");
      await page.locator(".approval").waitFor();
      for (let n = 0; n < 5; n++) await page.keyboard.press("Enter");
      await page.waitForTimeout(700);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Space");
      assert.equal(await page.locator(".approval").count(), 1);
    }),
  );

  it(
    "is answered without a mouse: to it, through it, allow",
    inPage({ query: "&speed=8" }, async (page) => {
      await go(page, "Clean up the old");
      await page.keyboard.press("Control+Shift+a");
      assert.equal(await page.evaluate(() => document.activeElement.className), "approval-text");
      await page.waitForTimeout(600);
      for (let n = 0; n < 8; n++) {
        await page.keyboard.press("Tab");
        if ((await page.evaluate(() => document.activeElement.textContent)) === "Allow once") break;
      }
      await page.keyboard.press("Enter");
      await page.getByText("Done: 17 GB are free again.").waitFor();
      assert.equal(await page.locator(".approval").count(), 0);
      assert.match(await page.locator(".call-result").last().innerText(), /allowed once/);
    }),
  );

  it(
    "that is denied runs nothing and says so",
    inPage({ query: "&speed=8" }, async (page) => {
      await go(page, "Clean up the old");
      await page.waitForTimeout(600);
      await page.getByRole("button", { name: "Deny" }).click();
      await page.getByText("Then they stay as they are.").waitFor();
      assert.match(await page.locator(".call-result").last().innerText(), /denied/);
      assert.equal(await page.locator(".call-verb").last().innerText(), "Run");
    }),
  );

  it(
    "shows exactly what will run, hidden characters spelled out",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.evaluate(() => {
        const one = [...window.__mock.world.sessions.values()].find((session) => session.session.name === "Garden");
        one.begin();
        void one.call(
          {
            tool: "shell_exec",
            arguments: {},
            accesses: [{ type: "run", command: "ls\r\u001b[2Krm \u202e-rf\u200b ~\necho x", cwd: "/w" }],
          },
          undefined,
          { ask: true },
        );
      });
      await page.locator(".approval").waitFor();
      assert.equal(
        await page.locator(".approval .command").innerText(),
        "ls<CR><ESC>[2Krm <U+202E>-rf<U+200B> ~\necho x",
      );
    }),
  );
});

describe("the list", () => {
  it(
    "is moved through, renamed, deleted and undone by keys alone",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      const count = await page.locator(".session").count();
      await page.keyboard.press("Control+Shift+f");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("F2");
      await page.keyboard.type("My session");
      await page.keyboard.press("Enter");
      await page.locator(".session-title", { hasText: "My session" }).waitFor();
      await page.waitForFunction(() => document.activeElement.classList.contains("session-open"));
      await page.keyboard.press("Delete");
      await page.getByText("“My session” is deleted").waitFor();
      assert.equal(await page.locator(".session").count(), count - 1);
      await page.getByRole("button", { name: "Undo" }).focus();
      await page.keyboard.press("Enter");
      await page.locator(".session-title", { hasText: "My session" }).waitFor();
    }),
  );

  it(
    "finds sessions by what was said in them",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await page.keyboard.press("Control+Shift+f");
      await page.keyboard.type("third argument");
      await page.locator(".snippet mark", { hasText: "third argument" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.locator("h1", { hasText: "Why does the build fail" }).waitFor();
    }),
  );
});

describe("the palette", () => {
  it(
    "does everything by a few letters",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("dark");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("garden");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Enter");
      await page.locator("h1", { hasText: "Garden" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("dialog[open]").count(), 0);
    }),
  );

  it(
    "begins with the sessions one comes from, then with what can be done in this one",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.keyboard.press("Control+k");
      const headings = page.locator(".palette .menu-heading");
      await headings.first().waitFor();
      assert.deepEqual(await headings.allInnerTexts(), ["Recent sessions", "This session", "Go to", "Actions"]);
      const options = await page.locator(".palette .option").allInnerTexts();
      assert.ok(!options.slice(0, 5).some((option) => option.startsWith("Garden")));
      assert.match(options[0], /^Which index/);
      // The modes are behind one entry, where the one that holds is marked.
      assert.equal(await page.getByRole("option", { name: /^Mode: / }).count(), 0);
      await page.getByRole("option", { name: "Change mode…" }).click();
      await page.getByRole("option", { name: "Ask first" }).locator("svg").waitFor();
    }),
  );
});

describe("in the palette", () => {
  const find = async (page, words) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(words);
  };
  const option = (page, name) => page.locator(".palette").getByRole("option", { name });

  it(
    "a session is summed up, and none where nothing was said",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await find(page, "compact");
      await page.getByText("No command or session fits").waitFor();
      await page.keyboard.press("Escape");
      await go(page, "Garden");
      await page.evaluate(() => {
        window.ops = [];
        const { submit } = window.__mock.jamey;
        window.__mock.jamey.submit = (id, opId, op) => {
          window.ops.push(op.type);
          return submit(id, opId, op);
        };
      });
      await find(page, "compact");
      await option(page, /^Compact this session/).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.ops.includes("compact"));
    }),
  );

  it(
    "the folder of a session is chosen where that begins, and nowhere else",
    inPage({}, async (page) => {
      await page.getByRole("heading", { name: "What can I do" }).waitFor();
      await find(page, "folder of the new");
      await option(page, "Choose the folder of the new session").waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "jamey", exact: true }).waitFor();
      await go(page, "Garden");
      await find(page, "folder of the new");
      await page.getByText("No command or session fits").waitFor();
    }),
  );
});

describe("a hostile session", () => {
  it(
    "runs nothing and asks for nothing",
    inPage({ mock: "hostile" }, async (page) => {
      await go(page, "Hostile");
      await page.getByText("raw link").waitFor();
      await page.locator(".katex, .formula-block code").first().waitFor();
      for (const line of await page.locator(".call-line").all()) await line.click();
      await page.waitForTimeout(400);
      await page.getByRole("button", { name: "Draw the diagram" }).click();
      await page.locator(".diagram-words", { hasText: "onerror=window.pwned=9" }).waitFor();
      assert.equal(await page.evaluate(() => window.pwned), undefined);
      assert.equal(
        await page.locator(".scroller :is(img, iframe, a, form, script, object, embed, link, style)").count(),
        0,
      );
      for (const dead of await page.locator(".md-dead").all()) await dead.click();
      assert.equal(await page.locator("dialog[open]").count(), 0);
      await page.locator(".md-link", { hasText: "ok" }).click();
      await page.getByText("https://example.com/page?q=1").waitFor();
      await page.getByRole("button", { name: "Open in the browser" }).click();
      assert.deepEqual(await page.evaluate(() => window.__opened), ["https://example.com/page?q=1"]);
      assert.match(page.url(), /^http:\/\/127\.0\.0\.1:/);
    }),
  );
});

describe("much", () => {
  it(
    "opens a session of 5,000 items and draws only what is seen",
    inPage({ mock: "long" }, async (page) => {
      await page.locator(".session").first().waitFor();
      const took = await page.evaluate(async () => {
        const began = performance.now();
        [...document.querySelectorAll(".session-open")].find((row) => row.textContent.includes("A very long")).click();
        while (!document.querySelector(".row")?.parentElement?.parentElement?.textContent.includes("Question 1250")) {
          await new Promise((done) => requestAnimationFrame(done));
        }
        return performance.now() - began;
      });
      console.log(`      5,000 items: ${Math.round(took)} ms to the newest`);
      assert.ok((await page.locator(".row").count()) < 60);
      await page.locator(".scroller").evaluate((box) => box.scrollTo(0, 0));
      await page.getByText("Question 1:").waitFor();
      await page.getByRole("button", { name: "Jump to the latest" }).click();
      await page.getByText("Question 1250:").waitFor();
    }),
  );

  it(
    "takes 10,000 deltas and stays at the newest",
    inPage({}, async (page) => {
      await go(page, "Garden");
      const longest = await page.evaluate(async () => {
        const one = [...window.__mock.world.sessions.values()].find((session) => session.session.name === "Garden");
        one.begin();
        one.user("go");
        const item = {
          id: "many",
          turn: one.turn,
          step: 1,
          at: Date.now(),
          body: { type: "agentMessage", text: "", model: "a/b", partial: false },
        };
        one.emit({ type: "itemStarted", item });
        let offset = 0;
        let longest = 0;
        let last = performance.now();
        for (let n = 0; n < 10_000; n++) {
          const text = n % 40 === 39 ? "word.\n\n" : "word ";
          one.emit({ type: "itemDelta", itemId: "many", delta: { type: "text", offset, text } });
          offset += text.length;
          if (n % 17 === 0) {
            await new Promise((done) => requestAnimationFrame(done));
            const now = performance.now();
            longest = Math.max(longest, now - last);
            last = now;
          }
        }
        return longest;
      });
      console.log(`      10,000 deltas: longest frame ${Math.round(longest)} ms`);
      await page.waitForFunction(() => {
        const box = document.querySelector(".scroller");
        return box.scrollHeight - box.scrollTop - box.clientHeight < 40;
      });
    }),
  );

  it(
    "leaves a person who scrolled up where they are",
    inPage({ mock: "streaming" }, async (page) => {
      await go(page, "What should a resident");
      await page.setViewportSize({ width: 1000, height: 500 });
      await page.locator(".scroller").hover();
      await page.mouse.wheel(0, -300);
      await page.waitForTimeout(200);
      const top = await page.locator(".scroller").evaluate((box) => box.scrollTop);
      await page.evaluate(() => {
        const one = [...window.__mock.world.sessions.values()].find((session) => session.open.size > 0);
        const [[id, open]] = [...one.open];
        const text = "\n\nMore words than before.".repeat(30);
        one.emit({
          type: "itemDelta",
          itemId: id,
          delta: { type: "text", offset: new TextEncoder().encode(open.text).length, text },
        });
      });
      await page.waitForTimeout(300);
      assert.equal(await page.locator(".scroller").evaluate((box) => box.scrollTop), top);
    }),
  );
});

describe("assistive technology", () => {
  it(
    "hears an answer by sentences",
    inPage({ query: "&speed=2" }, async (page) => {
      await page.locator(".session").first().waitFor();
      await page.evaluate(() => {
        window.__said = [];
        new MutationObserver((all) => {
          for (const change of all) {
            const box = change.target.parentElement?.closest?.('[data-testid="announcer"]') ?? change.target;
            if (box.dataset?.testid === "announcer") window.__said.push(box.textContent);
          }
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      });
      await message(page).fill("a long one about a process");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => window.__said.at(-1)?.includes("The answer is complete."), null, {
        timeout: 60_000,
      });
      const said = await page.evaluate(() => window.__said);
      assert.ok(said.length > 1, `announced ${said.length} times`);
      assert.match(said.join(" "), /A resident process earns its place only if nobody notices it\./);
    }),
  );
});
