/** Attached files with a message: dropped, pasted, chosen, refused, kept, taken off, and shown afterwards. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { accessible, drop, go, kept, message, settings, suite } from "./page.mjs";

const inPage = suite();
const held = (page) => page.locator(".held");

/** Attached files here. */
const NOTES = { name: "notes.md", text: "# Beds\n\nBeans go north." };
const BEDS = { name: "beds.png", picture: "#4a7d4f" };

describe("files for a message", () => {
  it(
    "go along when they are dropped and pasted, and are in the message afterwards",
    inPage({ query: "&speed=8" }, async (page) => {
      await go(page, "Garden");
      await drop(page, [NOTES]);
      await drop(page, [BEDS], "paste");
      await page.locator('.held[data-state="here"]').nth(1).waitFor();
      assert.match(await held(page).nth(1).locator("img").getAttribute("src"), /^blob:/);
      await message(page).fill("Is this the right order?");
      await page.keyboard.press("Enter");
      const said = page.locator(".user", { hasText: "Is this the right order?" });
      await said.locator(".given-image").waitFor();
      assert.equal(await held(page).count(), 0);
      await page.locator(".end-footer").last().waitFor();
      await said.getByRole("button", { name: /^notes\.md/ }).click();
      await page.getByText("Beans go north.").waitFor();
      await page.keyboard.press("Escape");
      await said.getByRole("button", { name: /Open beds\.png/ }).click();
      await page.locator(".opened-picture").waitFor();
      assert.equal(await page.locator(".opened-picture").evaluate((image) => image.naturalWidth), 320);
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("dialog[open]").count(), 0);
    }),
  );

  it(
    "begin a session with it",
    inPage({ query: "&speed=8" }, async (page) => {
      await page.locator(".session").first().waitFor();
      await page
        .locator('input[type="file"]')
        .setInputFiles([{ name: "list.txt", mimeType: "text/plain", buffer: Buffer.from("beans\npeas\n") }]);
      await held(page).first().waitFor();
      await message(page).fill("What is on the list?");
      await page.keyboard.press("Enter");
      await page.locator(".user .given-file", { hasText: "list.txt" }).waitFor();
      assert.equal(await held(page).count(), 0);
    }),
  );

  it(
    "go without words, beginning a session and while a turn runs",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      const send = page.getByRole("button", { name: "Send", exact: true });
      assert.equal(await send.isDisabled(), true);
      await drop(page, [NOTES]);
      await held(page).first().waitFor();
      await send.click();
      const given = page.locator(".user", { has: page.locator(".given-file", { hasText: "notes.md" }) });
      await given.waitFor();
      assert.equal(await given.locator(".user-text").count(), 0);
      await page.locator(".session", { hasText: "notes.md" }).waitFor();
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await drop(page, [{ name: "list.txt", text: "beans" }]);
      await page.locator('.held[data-state="here"]').waitFor();
      await page.getByRole("button", { name: "Send now" }).waitFor();
      await message(page).press("Enter");
      await page.locator(".user .given-file", { hasText: "list.txt" }).waitFor();
      await page.getByRole("button", { name: "Stop" }).waitFor();
      assert.equal(await held(page).count(), 0);
    }),
  );

  it(
    "are refused as a whole when they are two hundred, and nothing is lost",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).fill("a long thought");
      await drop(page, [NOTES]);
      await drop(
        page,
        Array.from({ length: 200 }, (_, n) => ({ name: `photo-${n}.txt`, text: "x" })),
      );
      await page
        .getByText("200 files are too many: a message takes 20, this one has 1 already, and none of these was added.")
        .waitFor();
      assert.equal(await held(page).count(), 1);
      assert.equal(await message(page).inputValue(), "a long thought");
    }),
  );

  it(
    "say each why not: a picture of 50 MB, an empty file, what is neither text nor picture",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).fill("a long thought");
      await drop(page, [
        { name: "holiday.png", type: "image/png", size: 50 * 1024 * 1024 },
        { name: "nothing.txt", text: "" },
        NOTES,
      ]);
      await page.getByText("holiday.png has 52.4 MB; a picture may have 5.0 MB at most.").waitFor();
      await page.getByText("nothing.txt is empty.").waitFor();
      assert.equal(await held(page).count(), 1);
      await drop(page, [
        { name: "archive.bin", type: "", size: 64 },
        { name: "odd.bin", text: "\u00ff" },
      ]);
      await page.evaluate(() => {});
      await message(page).focus();
      await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array([0xc3, 0x28, 0x00])], "broken.bin"));
        document
          .querySelector("#message")
          .dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      });
      await page
        .locator('.held[data-state="failed"]', { hasText: "broken.bin is neither a picture nor text" })
        .waitFor();
      await page.keyboard.press("Enter");
      await page.locator(".composer-failed", { hasText: "give a PNG, JPEG, WebP or GIF picture" }).waitFor();
      assert.equal(await message(page).inputValue(), "a long thought");
      assert.equal(await held(page).count(), 4);
    }),
  );

  it(
    "that changed after they were added say so, are taken off, and the rest goes",
    inPage({ query: "&speed=8" }, async (page) => {
      const folder = await mkdtemp(join(tmpdir(), "jamey-"));
      try {
        const path = join(folder, "notes.md");
        await writeFile(path, NOTES.text);
        await page.locator(".session").first().waitFor();
        await page.locator('input[type="file"]').setInputFiles(path);
        await held(page).first().waitFor();
        await rm(path);
        await message(page).fill("What is on it?");
        await page.keyboard.press("Enter");
        await page
          .locator(".composer-failed", { hasText: "notes.md changed or is gone. Add it again or remove it." })
          .waitFor();
        await page.locator('.held[data-state="failed"]').waitFor();
        assert.equal(await message(page).inputValue(), "What is on it?");
        await page.getByRole("button", { name: "Remove notes.md" }).click();
        await message(page).press("Enter");
        await page.locator(".user", { hasText: "What is on it?" }).waitFor();
      } finally {
        await rm(folder, { recursive: true });
      }
    }),
  );

  it(
    "of names that only some systems allow are added under names that all do",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await drop(page, [
        { name: "a\\b.txt", text: "x" },
        { name: "two\nlines.txt", text: "x" },
      ]);
      await page.locator('.held[data-state="here"]').nth(1).waitFor();
      assert.deepEqual(await page.locator(".held-name").allTextContents(), ["a_b.txt", "two_lines.txt"]);
    }),
  );

  it(
    "are taken off by key, and the focus stays where one goes on",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await drop(page, [NOTES, BEDS]);
      await held(page).nth(1).waitFor();
      await page.getByRole("button", { name: "Remove notes.md" }).focus();
      await page.keyboard.press("Delete");
      await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Remove beds.png");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement?.id === "message");
      assert.equal(await held(page).count(), 0);
    }),
  );

  it(
    "stay with their draft, where they outlive the window",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await drop(page, [NOTES, BEDS]);
      await held(page).nth(1).waitFor();
      await go(page, "Garden");
      assert.equal(await held(page).count(), 0);
      await page.keyboard.press("Control+n");
      await held(page).nth(1).waitFor();
      await kept(page, 2);
      await page.reload();
      await page.locator(".held", { hasText: "beds.png" }).waitFor();
      await message(page).fill("Is this right?");
      await page.keyboard.press("Enter");
      await page.locator(".user .given-image").waitFor();
      await page.reload();
      await page.locator(".session").first().waitFor();
      assert.equal(await held(page).count(), 0);
    }),
  );

  it(
    "come back with the words when they could not be sent",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await drop(page, [NOTES]);
      await page.locator('.held[data-state="here"]').waitFor();
      await page.evaluate(() => {
        const mock = window.__mock;
        const one = [...mock.world.sessions.values()].find((session) => session.session.name === "Garden");
        mock.world.sessions.delete(one.session.id);
      });
      await message(page).fill("are you there?");
      await page.keyboard.press("Enter");
      await page.locator(".composer-failed").waitFor();
      assert.equal(await message(page).inputValue(), "are you there?");
      assert.equal(await held(page).count(), 1);
    }),
  );
});

describe("files given on a page without a composer", () => {
  it(
    "lead to the session that was looked at last, and are there",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await settings(page, "General");
      await drop(page, [NOTES]);
      await page.locator("h1", { hasText: "Garden" }).waitFor();
      await page.locator('.held[data-state="here"]', { hasText: "notes.md" }).waitFor();
    }),
  );

  for (const [where, open] of [
    ["the monitor", (page) => page.getByRole("button", { name: "Monitor" }).click()],
    ["the usage", (page) => page.getByRole("button", { name: "Usage" }).click()],
  ])
    it(
      `lead from ${where} to where a session begins, also when they are pasted`,
      inPage({ query: "&still" }, async (page) => {
        await page.locator(".session").first().waitFor();
        await open(page);
        await message(page).waitFor({ state: "detached" });
        await drop(page, [BEDS], "paste");
        await held(page).first().waitFor();
        await page.getByRole("heading", { name: "What can I do" }).waitFor();
      }),
    );

  it(
    "lead from the first run to where a session begins",
    inPage({ mock: "first-run" }, async (page) => {
      await page.getByText("Choose who answers").waitFor();
      await drop(page, [NOTES]);
      await held(page).first().waitFor();
    }),
  );

  it(
    "lead from a session that is gone to where one begins",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await page.evaluate(() => window.__mock.jamey.deleteSession(location.hash.split("/")[1]));
      await page.locator(".gone").waitFor();
      await drop(page, [NOTES]);
      await held(page).first().waitFor();
      await page.getByRole("heading", { name: "What can I do" }).waitFor();
    }),
  );

  it(
    "end nothing that a person is writing, and say so",
    inPage({}, async (page) => {
      await settings(page, "Limits");
      await drop(page, [NOTES], "paste", ".number-field");
      await page.locator(".toast", { hasText: "The files were not added" }).waitFor();
      assert.notEqual(await page.locator(".number-field").count(), 0);
    }),
  );
});

describe("assistive technology", () => {
  for (const theme of ["light", "dark"]) {
    it(
      `finds nothing serious in files that go along and are refused, ${theme}`,
      inPage({ theme }, async (page) => {
        await go(page, "Garden");
        await drop(page, [NOTES, BEDS, { name: "holiday.png", type: "image/png", size: 50 * 1024 * 1024 }]);
        await page.locator('.held[data-state="here"]').nth(1).waitFor();
        await accessible(page);
      }),
    );
    it(
      `finds nothing serious in a message with files, and one of them opened, ${theme}`,
      inPage({ theme, query: "&speed=8" }, async (page) => {
        await go(page, "Garden");
        await drop(page, [NOTES, BEDS]);
        await message(page).fill("What of these?");
        await page.keyboard.press("Enter");
        await page.locator(".given-image").waitFor();
        await accessible(page);
        await page.getByRole("button", { name: /^notes\.md/ }).click();
        await page.getByText("Beans go north.").waitFor();
        await accessible(page);
      }),
    );
  }
});
