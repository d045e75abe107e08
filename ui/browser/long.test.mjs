/** Text that is too long for the field, or for what keeps it: it becomes a file, and nothing is lost unsaid. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accessible, drop, go, message, suite } from "./page.mjs";

const inPage = suite();
const held = (page) => page.locator(".held");
const LONG = 120_000;

/** Pastes words into the message; what the page does not take for itself goes into the field, as the engine does it. */
const paste = (page, words) =>
  page.evaluate(async (words) => {
    const field = document.querySelector("#message");
    field.focus();
    const data = new DataTransfer();
    data.setData("text/plain", words);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    if (field.dispatchEvent(event)) document.execCommand("insertText", false, words);
  }, words);

/** From now on there is no room: not for a draft, and not for a file. */
const fill = (page) =>
  page.evaluate(() => {
    const full = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    Storage.prototype.setItem = full;
    IDBObjectStore.prototype.put = full;
  });

describe("a long text that is pasted", () => {
  it(
    "goes along as a file, beside what is in the field, and can be put into it",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).fill("What is  in short?");
      await message(page).evaluate((field) => field.setSelectionRange(8, 8));
      const words = "beans ".repeat(LONG / 6);
      await paste(page, words);
      await page.locator('.held[data-state="here"]', { hasText: "pasted.txt" }).waitFor();
      await page.getByText("The long text is attached as a file").waitFor();
      await paste(page, words);
      await page.locator(".held", { hasText: "pasted-2.txt" }).waitFor();
      assert.equal(await message(page).inputValue(), "What is  in short?");
      await page.getByRole("button", { name: "Put pasted-2.txt back into the field" }).click();
      await page.waitForFunction((long) => document.querySelector("#message").value.length > long, LONG);
      assert.equal(await message(page).inputValue(), `What is ${words} in short?`);
      assert.equal(await message(page).evaluate((field) => field.selectionStart), 8 + words.length);
      assert.equal(await held(page).count(), 1);
    }),
  );

  it(
    "of which the model reads a part says so",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await paste(page, "x".repeat(300_000));
      await page.getByText("Of pasted.txt the model reads the first 262 kB.").waitFor();
      await accessible(page);
    }),
  );

  it(
    "is typed when it is of an ordinary length",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await paste(page, "beans and peas");
      assert.equal(await message(page).inputValue(), "beans and peas");
      assert.equal(await held(page).count(), 0);
    }),
  );
});

describe("what there is no room to keep", () => {
  it(
    "is told beside the field, and a long text can become a file of the session",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await fill(page);
      await message(page).fill("b".repeat(LONG));
      await page.getByText("There is no room to keep this when the window closes.").waitFor();
      await page.getByRole("button", { name: "Turn into a file" }).click();
      await page.locator('.held[data-state="here"]', { hasText: "pasted.txt" }).waitFor();
      assert.equal(await message(page).inputValue(), "");
      assert.equal(await page.getByText("There is no room").count(), 0);
    }),
  );

  it(
    "is told of files that no session has yet",
    inPage({}, async (page) => {
      await page.locator(".session").first().waitFor();
      await fill(page);
      await drop(page, [{ name: "notes.md", text: "Beans go north." }]);
      await page.getByText("There is no room to keep this when the window closes.").waitFor();
      await page.getByRole("button", { name: "Remove notes.md" }).click();
      await page.getByText("There is no room").waitFor({ state: "detached" });
    }),
  );

  it(
    "is not asked of what nobody could send: a text of more than a million letters can become a file",
    inPage({}, async (page) => {
      await go(page, "Garden");
      await message(page).evaluate((field) => {
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, "x".repeat(1_000_001));
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await page.getByText("The message is too long.").waitFor();
      await page.getByRole("button", { name: "Turn into a file" }).click();
      await page.locator('.held[data-state="here"]').waitFor();
      assert.equal(await message(page).inputValue(), "");
    }),
  );
});
