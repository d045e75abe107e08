import { drop, more } from "../browser/page.mjs";

/**
 * Every state of the window and how a person gets there. `isShown` are those of the documents; `at` is when the
 * picture is taken, in milliseconds of the page's clock, where waiting longer would show another state.
 */
const session = (title) => async (page) => {
  const narrow = page.viewportSize().width < 720;
  if (narrow) await page.getByRole("button", { name: "Show the sidebar" }).click();
  await page.locator(".session-open", { hasText: title }).first().click();
  await page.locator(".row").first().waitFor();
};
const then =
  (...steps) =>
  async (page) => {
    for (const step of steps) await step(page);
  };

export const STATES = [
  { name: "new", isShown: true, go: (page) => page.getByRole("heading", { name: "What can I do" }).waitFor() },
  { name: "answer", isShown: true, go: session("Which index") },
  { name: "tools", go: session("Why does the build") },
  {
    name: "tools-open",
    isShown: true,
    go: then(session("Why does the build"), async (page) => {
      await page.locator(".call-line", { hasText: "begin.rs" }).nth(1).click();
      await page.locator(".call-line", { hasText: "cargo build" }).click();
    }),
  },
  {
    name: "tool-tables",
    go: then(session("How full"), async (page) => {
      for (const line of await page.locator(".call-line").all()) await line.click();
    }),
  },
  { name: "approval", isShown: true, go: session("Clean up the old") },
  { name: "approval-edit", isShown: true, go: session("Set the reminder") },
  { name: "failed", isShown: true, go: session("Summarise the report") },
  { name: "interrupted", go: session("What should a resident") },
  { name: "streaming", isShown: true, at: 9000, mock: "streaming", go: session("What should a resident") },
  { name: "running", isShown: true, at: 6000, mock: "running", go: session("Run all the tests") },
  { name: "long", mock: "long", go: session("A very long session") },
  { name: "short", go: session("Garden") },
  {
    name: "diagram",
    isShown: true,
    size: { width: 1280, height: 1800 },
    go: then(session("Draw how a turn"), async (page) => {
      const buttons = page.getByRole("button", { name: "Draw the diagram" });
      for (let n = 0; n < 3; n++) await buttons.first().click();
      await page.locator(".diagram").nth(1).waitFor();
      await page.locator(".scroller").evaluate((box) => box.scrollTo(0, 0));
    }),
  },
  {
    name: "numbered",
    go: then(session("Which index"), (page) => page.getByRole("button", { name: "Number the lines" }).first().click()),
  },
  { name: "german", isShown: true, language: "de-DE", go: session("Clean up the old") },
  { name: "chinese", isShown: true, language: "zh-CN", go: session("Which index") },
  { name: "hostile", mock: "hostile", go: session("Hostile") },
];

const settings = (topic) => async (page) => {
  if (page.viewportSize().width < 720) await page.getByRole("button", { name: "Show the sidebar" }).click();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: topic, exact: true }).click();
  await page.locator(".group").first().waitFor();
};
const type = (text) => (page) => page.locator("#message, .quick textarea").first().fill(text);

const files = (page) =>
  drop(page, [
    { name: "beds.png", picture: "#4a7d4f" },
    { name: "north-side.png", picture: "#8a6a3a" },
    { name: "notes.md", text: "# Beds\n\nBeans go north." },
  ]);

const numbered = (n) =>
  Array.from({ length: n }, (_, at) => ({ name: `bed-${at + 1}.txt`, text: "beans ".repeat(at + 1) }));
/** Lets a file be gone when its bytes are asked for. */
const lose = (name) => (page) =>
  page.evaluate((name) => {
    File.prototype.arrayBuffer = function () {
      const gone = () => Promise.reject(new DOMException("gone", "NotReadableError"));
      return this.name === name ? gone() : Blob.prototype.arrayBuffer.call(this);
    };
  }, name);
const paste = (page, words) =>
  page.evaluate((words) => {
    const data = new DataTransfer();
    data.setData("text/plain", words);
    document
      .querySelector("#message")
      .dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, words);

STATES.push(
  { name: "empty", mock: "empty", go: (page) => page.getByText("Your sessions").waitFor() },
  { name: "starting", at: 1000, mock: "starting" },
  {
    name: "no-runtime",
    isShown: true,
    mock: "failed",
    go: (page) => page.getByRole("button", { name: "Start it" }).waitFor(),
  },
  {
    name: "incompatible",
    mock: "incompatible",
    go: (page) => page.getByRole("button", { name: "Restart it" }).waitFor(),
  },
  {
    name: "outdated",
    mock: "outdated",
    go: (page) => page.getByRole("button", { name: "Reopen the window" }).waitFor(),
  },
  {
    name: "preparing",
    go: then(session("Garden"), (page) => page.evaluate(() => window.__mock.setConnection({ state: "preparing" }))),
  },
  {
    name: "lost",
    isShown: true,
    go: then(session("Garden"), type("And what about the strawberries?"), (page) =>
      page.evaluate(() => window.__mock.lose()),
    ),
  },
  {
    name: "paused",
    isShown: true,
    mock: "paused",
    go: then(session("Which index"), (page) => page.getByText("Paused. No model").waitFor()),
  },
  { name: "first-run", isShown: true, mock: "first-run", go: (page) => page.getByText("Choose who answers").waitFor() },
  {
    name: "first-run-download",
    isShown: true,
    at: 6000,
    mock: "first-run",
    go: async (page) => {
      await page
        .getByRole("button", { name: /^Download/ })
        .first()
        .click();
      await page.getByRole("button", { name: "Pause" }).waitFor();
    },
  },
  {
    name: "first-run-ready",
    mock: "first-run",
    query: "&speed=20",
    go: async (page) => {
      await page
        .getByRole("button", { name: /^Download/ })
        .first()
        .click();
      await page.getByRole("button", { name: "Start a session" }).waitFor();
    },
  },
  {
    name: "first-run-hotkey",
    mock: "first-run",
    query: "&wayland",
    go: (page) => page.locator(".first-hotkey").waitFor(),
  },
  { name: "hotkey-told", query: "&wayland", go: (page) => page.locator(".toast").waitFor() },
  { name: "palette", isShown: true, go: then(session("Which index"), (page) => page.keyboard.press("Control+k")) },
  {
    name: "palette-search",
    go: then(session("Which index"), async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("mo");
    }),
  },
  {
    name: "search",
    isShown: true,
    go: async (page) => {
      await page.locator(".session").first().waitFor();
      await page.keyboard.press("Control+Shift+f");
      await page.keyboard.type("tests");
      await page.locator(".snippet").first().waitFor();
    },
  },
  {
    name: "search-failed",
    go: async (page) => {
      await page.locator(".session").first().waitFor();
      await page.evaluate(() => {
        window.__mock.jamey.search = async () => {
          throw {
            code: "storage",
            message: "the index of the search cannot be read",
            hint: "look with: jamey doctor",
            retryable: true,
          };
        };
      });
      await page.keyboard.press("Control+Shift+f");
      await page.keyboard.type("tests");
      await page.locator(".sidebar-failed").waitFor();
    },
  },
  {
    name: "pinned",
    go: then(session("Garden"), async (page) => {
      await page.keyboard.press("Control+d");
      if (page.viewportSize().width < 720) await page.getByRole("button", { name: "Show the sidebar" }).click();
      await page.getByRole("region", { name: "Pinned" }).waitFor();
    }),
  },
  {
    name: "rename",
    go: then(session("Garden"), async (page) => {
      await page.locator(".session-open", { hasText: "Garden" }).focus();
      await page.keyboard.press("F2");
    }),
  },
  {
    name: "deleted",
    at: 5000,
    go: then(session("Garden"), async (page) => {
      await page.locator(".session-open", { hasText: "Rename the holiday" }).focus();
      await page.keyboard.press("Delete");
    }),
  },
  {
    name: "deleted-several",
    at: 8000,
    go: then(session("Garden"), async (page) => {
      await page.locator(".session-open", { hasText: "Rename the holiday" }).focus();
      for (let n = 0; n < 3; n++) {
        await page.keyboard.press("Delete");
        await page.waitForFunction(() => document.activeElement?.classList.contains("session-open"));
      }
      await page.getByText("3 sessions are deleted").waitFor();
    }),
  },
  {
    name: "session-menu",
    go: then(session("Garden"), async (page) => {
      await page.locator(".session", { hasText: "Garden" }).hover();
      await page.locator(".session", { hasText: "Garden" }).locator(".session-more").click();
    }),
  },
  { name: "slash", go: then(session("Garden"), type("/")) },
  {
    name: "models-menu",
    go: then(session("Garden"), (page) => page.getByRole("button", { name: "Model: " }).click()),
  },
  {
    name: "mode-menu",
    go: then(session("Garden"), (page) => page.getByRole("button", { name: "What may happen without asking" }).click()),
  },
  {
    name: "full-access",
    go: then(session("Garden"), async (page) => {
      await page.getByRole("button", { name: "What may happen without asking" }).click();
      await page.getByRole("option", { name: "Full access" }).click();
      await page.getByRole("dialog").waitFor();
    }),
  },
  {
    name: "mention",
    go: then(session("Garden"), async (page) => {
      await page.locator("#message").focus();
      await page.keyboard.type("Explain @be");
      await page.getByRole("option").first().waitFor();
    }),
  },
  { name: "files", isShown: true, go: then(session("Garden"), files) },
  {
    name: "files-one",
    go: then(session("Garden"), (page) => drop(page, [{ name: "notes.md", text: "# Beds\n\nBeans go north." }])),
  },
  {
    name: "files-six",
    go: then(session("Garden"), lose("broken.bin"), files, (page) =>
      drop(page, [
        { name: "What grew where in the years before.md", text: "Peas went south. ".repeat(900) },
        { name: "broken.bin", text: "x" },
        { name: "everything.log", text: "x".repeat(300_000) },
      ]),
    ),
  },
  { name: "files-twenty", go: then(session("Garden"), (page) => drop(page, numbered(20))) },
  { name: "files-forty", go: then(session("Garden"), files, (page) => drop(page, numbered(40))) },
  {
    name: "files-pasted",
    go: then(session("Garden"), type("What is this about?"), (page) => paste(page, "beans and peas, ".repeat(9_000))),
  },
  {
    name: "files-failed",
    go: then(session("Garden"), lose("list.txt"), files, type("What should go where?"), async (page) => {
      await drop(page, [{ name: "list.txt", text: "beans" }]);
      await page.locator('.held[data-state="failed"]').waitFor();
      await page.locator("#message").press("Enter");
      await page.locator(".composer-failed").waitFor();
    }),
  },
  {
    name: "files-unkept",
    go: async (page) => {
      await page.locator(".session").first().waitFor();
      await page.evaluate(() => {
        const set = Storage.prototype.setItem;
        Storage.prototype.setItem = function (key, text) {
          if (key.startsWith("jamey.draft.")) throw new DOMException("full", "QuotaExceededError");
          set.call(this, key, text);
        };
      });
      await page.locator("#message").fill("beans and peas, ".repeat(9_000));
      await page.getByText("There is no room").waitFor();
    },
  },
  {
    name: "files-refused",
    go: then(session("Garden"), files, (page) =>
      drop(page, [
        { name: "holiday.png", type: "image/png", size: 50 * 1024 * 1024 },
        { name: "a-file-with-a-name-that-is-far-too-long-to-be-shown-whole-anywhere.txt", text: "x" },
        { name: "nothing.txt", text: "" },
      ]),
    ),
  },
  {
    name: "files-said",
    query: "&speed=20",
    go: then(session("Garden"), files, type("What should go where?"), async (page) => {
      await page.locator("#message").press("Enter");
      await page.locator(".given-image").first().waitFor();
      await page.locator(".end-footer").last().waitFor();
    }),
  },
  {
    name: "files-alone",
    query: "&speed=20",
    go: then(session("Garden"), files, async (page) => {
      await page.locator('.held[data-state="here"]').nth(2).waitFor();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.locator(".end-footer").nth(2).waitFor();
    }),
  },
  {
    name: "files-opened",
    query: "&speed=20",
    go: then(session("Garden"), files, type("What should go where?"), async (page) => {
      await page.locator("#message").press("Enter");
      await page.locator(".given-picture").first().click();
      await page.locator("img.opened-picture").waitFor();
    }),
  },
  { name: "long-draft", go: then(session("Garden"), type("A line of the message.\n".repeat(30))) },
  {
    name: "steering",
    at: 9000,
    mock: "streaming",
    go: then(session("What should a resident"), type("Please add one about disks.")),
  },
  { name: "link", go: then(session("Which index"), (page) => page.locator(".md-link").click()) },
  {
    name: "gone",
    go: then(session("Garden"), async (page) => {
      await page.locator("#message").fill("And where do the peas go?");
      await drop(page, [
        { name: "beds.png", picture: "#4a7d4f" },
        { name: "notes.md", text: "Beans go north." },
      ]);
      await page.evaluate(() => window.__mock.jamey.deleteSession(location.hash.split("/")[1]));
      await page.locator(".gone").waitFor();
    }),
  },
  {
    name: "waits-elsewhere",
    go: then(session("Garden"), async (page) => {
      await page.keyboard.press("Control+b");
      await page.locator(".header-waiting button").waitFor();
    }),
  },
  {
    name: "question-away",
    size: { width: 720, height: 300 },
    go: then(session("Clean up the old"), async (page) => {
      await page.mouse.move(0, 0);
      await page.locator(".scroller").evaluate((box) => box.scrollTo(0, 0));
      await page.getByRole("button", { name: "Needs your answer" }).waitFor();
    }),
  },
  {
    name: "chosen-later",
    at: 9000,
    mock: "streaming",
    go: then(session("What should a resident"), async (page) => {
      for (const [picker, option] of [
        [/^Model:/, /qwen3-30b/],
        [/^What may happen/, /^Full access/],
      ]) {
        await page.getByRole("button", { name: picker }).click();
        await page.getByRole("option", { name: option }).click();
      }
      await page.getByRole("button", { name: "Give full access" }).click();
      await page.getByText("Model and mode apply").waitFor();
    }),
  },
  {
    name: "unanswered",
    go: then(session("Garden"), type("And where do the peas go?"), async (page) => {
      await page.evaluate(() => {
        window.__mock.jamey.submit = async () => {
          throw { code: "unreachable", message: "the connection to the runtime broke", retryable: true };
        };
      });
      await page.locator("#message").press("Enter");
      await page.getByText("No answer yet").waitFor();
    }),
  },
  {
    name: "part-failed",
    go: then(session("Garden"), async (page) => {
      await page.evaluate(() => {
        const error = { code: "internal", message: "an event is not understood", hint: null, retryable: false };
        window.__mock.world.breakOff(location.hash.split("/")[1], error);
      });
      await page.locator(".bar").waitFor();
    }),
  },
  {
    name: "failed-partly",
    query: "&speed=20",
    go: then(session("Garden"), type("answer partly"), async (page) => {
      await page.locator("#message").press("Enter");
      await page.locator(".end-failed").waitFor();
    }),
  },
  {
    name: "rename-dialog",
    go: then(session("Garden"), async (page) => {
      await page.locator("#search").fill("landlord");
      await page.locator("#message").fill("/rename");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
    }),
  },
  { name: "settings-general", isShown: true, go: settings("General") },
  { name: "settings-models", isShown: true, go: settings("Models") },
  { name: "settings-providers", isShown: true, go: settings("Providers") },
  {
    name: "settings-server",
    go: then(settings("Providers"), async (page) => {
      await page.getByRole("button", { name: "Add a server" }).click();
      await page.getByLabel("Name", { exact: true }).fill("work");
      await page.getByLabel("Address", { exact: true }).fill("http://nas:8080/v1");
      await page.keyboard.press("Enter");
      await page.getByText("would send the key").waitFor();
      await page.getByRole("button", { name: "Cancel" }).scrollIntoViewIfNeeded();
    }),
  },
  {
    name: "settings-servers",
    go: then(settings("Providers"), async (page) => {
      await page.getByRole("heading", { name: "Other addresses of providers" }).scrollIntoViewIfNeeded();
      await page.getByRole("textbox", { name: "Ollama" }).fill("192.168.1.5");
      await page.keyboard.press("Enter");
      await page.getByText("would send the key").waitFor();
    }),
  },
  {
    name: "settings-server-removed",
    go: then(settings("Providers"), async (page) => {
      await more(page, "home-server", "Remove the server");
      await page.getByRole("dialog").getByRole("button", { name: "Remove the server" }).click();
      await page.getByText("There is none yet.").scrollIntoViewIfNeeded();
    }),
  },
  { name: "settings-tools", isShown: true, go: settings("Tools") },
  {
    name: "full-access-all",
    go: then(settings("Tools"), async (page) => {
      await page.getByRole("combobox", { name: "What may happen without asking" }).selectOption("full");
      await page.getByRole("dialog").waitFor();
    }),
  },
  { name: "settings-limits", isShown: true, go: settings("Limits") },
  { name: "settings-advanced", isShown: true, go: settings("Advanced") },
  {
    name: "settings-wrong",
    go: then(settings("Limits"), async (page) => {
      await page.locator(".number-field").first().fill("0");
      await page.keyboard.press("Enter");
    }),
  },
  {
    name: "settings-hotkey",
    go: then(settings("General"), async (page) => {
      await page.getByRole("button", { name: "Key for the quick prompt" }).click();
      await page.keyboard.press("a");
    }),
  },
  {
    name: "monitor",
    isShown: true,
    query: "&still",
    go: async (page) => {
      await page.getByRole("button", { name: "Monitor" }).click();
      await page.locator(".chart").first().waitFor();
    },
  },
  {
    name: "monitor-providers",
    isShown: true,
    query: "&still",
    go: async (page) => {
      await page.getByRole("button", { name: "Monitor" }).click();
      await page.locator(".calls-bad").first().waitFor();
      await page.locator(".calls-bad").first().scrollIntoViewIfNeeded();
    },
  },
  {
    name: "monitor-table",
    query: "&still",
    go: async (page) => {
      await page.getByRole("button", { name: "Monitor" }).click();
      await page.locator(".chart-switch").first().click();
      await page.locator("table.numbers").first().waitFor();
    },
  },
  ...[
    ["usage", "", (page) => page.locator(".band").first().waitFor()],
    ["usage-table", "", (page) => page.locator(".chart-switch").click()],
    ["usage-many", "&usage=many", (page) => page.locator(".band").first().waitFor()],
    ["usage-empty", "&usage=empty", (page) => page.locator(".usage-empty").waitFor()],
    ["usage-failed", "&usage=failing", (page) => page.locator(".usage-failed").waitFor()],
    ["usage-loading", "&usage=slow", (page) => page.locator(".page-loading").waitFor()],
  ].map(([name, query, then]) => ({
    name,
    query,
    isShown: name === "usage",
    go: async (page) => {
      await page.locator("#message").waitFor();
      await page.keyboard.press("Control+Shift+e");
      await then(page);
    },
  })),
  {
    name: "large-text",
    go: then(session("Which index"), async (page) => {
      for (let n = 0; n < 4; n++) await page.keyboard.press("Control++");
    }),
  },
  {
    name: "narrow-sidebar",
    size: { width: 640, height: 900 },
    go: async (page) => {
      await page.getByRole("button", { name: "Show the sidebar" }).click();
      await page.locator(".session").first().waitFor();
    },
  },
  { name: "quick", isShown: true, file: "quick.html", size: { width: 680, height: 112 } },
  {
    name: "quick-paused",
    mock: "paused",
    file: "quick.html",
    size: { width: 680, height: 172 },
    go: async (page) => {
      await page.locator(".quick").waitFor();
      await page.evaluate(() => window.__mock.quick({}));
      await page.getByText("Paused. No model").waitFor();
    },
  },
  {
    name: "quick-chips",
    file: "quick.html",
    size: { width: 680, height: 164 },
    go: async (page) => {
      await page.locator(".quick").waitFor();
      await page.evaluate(() =>
        window.__mock.quick({
          context: {
            selection: { text: "the quick brown fox", letters: 19 },
            clipboard: { text: "https://example.com/a", letters: 21 },
          },
        }),
      );
      await page.getByRole("button", { name: "Add: Selected text" }).click();
    },
  },
  {
    name: "quick-cut",
    file: "quick.html",
    size: { width: 680, height: 204 },
    go: async (page) => {
      await page.locator(".quick").waitFor();
      await page.evaluate(() => {
        const text = "Beans go north, tomatoes and basil to the middle. ".repeat(400);
        window.__mock.quick({
          context: { selection: { text, letters: 61_000 }, clipboard: { text: "peas", letters: 4 } },
        });
      });
      await page.getByRole("button", { name: "Add: Selected text" }).click();
    },
  },
  {
    name: "quick-running",
    file: "quick.html",
    size: { width: 680, height: 360 },
    go: async (page) => {
      await page.locator(".quick textarea").fill("Please delete the temporary files");
      await page.keyboard.press("Enter");
      await page.locator(".approval").waitFor();
    },
  },
  {
    name: "quick-answer",
    isShown: true,
    file: "quick.html",
    query: "&speed=20",
    size: { width: 680, height: 520 },
    go: async (page) => {
      await page.locator(".quick textarea").fill("Where do the beans go in the garden?");
      await page.keyboard.press("Enter");
      await page.locator(".end-footer").waitFor();
    },
  },
  {
    name: "quick-no-model",
    mock: "first-run",
    file: "quick.html",
    size: { width: 680, height: 164 },
    go: async (page) => {
      await page.locator(".quick textarea").fill("Where do the beans go in the garden?");
      await page.keyboard.press("Enter");
      await page.locator(".quick-failed").waitFor();
    },
  },
  {
    name: "command-idle",
    go: then(session("Garden"), async (page) => {
      await page.locator("#message").fill("/stop");
      await page.keyboard.press("Enter");
      await page.getByText("Nothing is running here").waitFor();
    }),
  },
  {
    name: "new-lost",
    go: async (page) => {
      await page.locator(".session").first().waitFor();
      await page.evaluate(() => window.__mock.lose());
      await page.locator(".bar").waitFor();
    },
  },
  {
    name: "no-model",
    mock: "first-run",
    go: async (page) => {
      await page.getByRole("button", { name: "Skip for now" }).click();
      await page.locator("#message").fill("Hello?");
      await page.keyboard.press("Enter");
      await page.locator(".composer-failed").waitFor();
    },
  },
  ...["failing", "slow"].map((models) => ({
    name: `first-run-${models}`,
    mock: "first-run",
    query: `&models=${models}`,
    go: async (page) => {
      await page.locator("#message").fill("Hello?");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Choose a model" }).click();
      await page.getByText("Choose who answers").waitFor();
    },
  })),
  {
    name: "search-more",
    mock: "long",
    go: async (page) => {
      await page.locator(".session").first().waitFor();
      await page.locator("#search").fill("Question");
      await page.getByRole("button", { name: "Show more passages" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "first-run-providers",
    mock: "first-run",
    go: async (page) => {
      await page.getByRole("button", { name: "Skip for now" }).click();
      await settings("Providers")(page);
    },
  },
);
