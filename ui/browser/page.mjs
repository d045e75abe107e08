/** Serves the mock build on a port that the system chooses, and opens it in the system's Chromium. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const BUILT = fileURLToPath(new URL("../../target/ui-mock", import.meta.url));
const FONTS = fileURLToPath(new URL("../shots/fonts.conf", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };
/** As strict as the real window's or stricter: a test that passes here passes there. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' STYLES; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; object-src 'none'; require-trusted-types-for 'script'";

/** That policy for a page: of styles in it only its own are let through, by their hash. */
function policy(body) {
  const own = String(body).match(/(?<=<style>)[\s\S]*?(?=<\/style>)/g) ?? [];
  const hashes = own.map((style) => `'sha256-${createHash("sha256").update(style).digest("base64")}'`);
  return CSP.replace("STYLES", hashes.join(" "));
}

export async function serve() {
  const server = createServer(async (request, response) => {
    if (request.url === "/favicon.ico") return response.writeHead(204).end();
    const path = normalize(new URL(request.url, "http://localhost").pathname).replace(/^\/$/, "/index.html");
    try {
      const body = await readFile(join(BUILT, path));
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.setHeader("content-security-policy", policy(body));
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export function launch() {
  return chromium.launch({
    // A page without a browser around it, which draws parts of itself as pages, too: half the work.
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
    args: ["--no-sandbox", "--disable-gpu"],
    env: { ...process.env, FONTCONFIG_FILE: FONTS },
  });
}

/** Opens a page of the window; what it asked for and what it said against something is noted. */
export async function open(browser, url, options = {}) {
  const {
    mock = "default",
    file = "index.html",
    width = 1280,
    height = 800,
    theme = "light",
    query = "",
    language = "en-GB",
    begin,
    ...rest
  } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: language,
    timezoneId: "Europe/Berlin",
    permissions: ["clipboard-read", "clipboard-write"],
    ...rest,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const seen = { requests: [], violations: [], errors: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") {
      (/Content Security|TrustedHTML|Refused/.test(message.text()) ? seen.violations : seen.errors).push(
        message.text(),
      );
    }
  });
  // A clock of its own, which stands still until it is told to go.
  if (begin !== undefined) {
    await page.clock.install({ time: begin - 60_000 });
    await page.clock.pauseAt(begin);
  }
  await page.goto(`${url}/${file}?mock=${mock}${query}`);
  return { page, context, seen };
}

/** One server and one browser for a file of tests. */
export function suite() {
  let server;
  let browser;
  before(async () => {
    server = await serve();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens a page, runs a test in it, and holds it to no error and no request elsewhere. */
  return (options, test) => async () => {
    const { page, context, seen } = await open(browser, server.url, options);
    try {
      await test(page, seen);
      assert.deepEqual(seen.errors, []);
      assert.deepEqual(seen.violations, []);
      assert.deepEqual(
        seen.requests.filter((url) => !url.startsWith(server.url) && !url.startsWith(`blob:${server.url}`)),
        [],
      );
    } finally {
      await context.close();
    }
  };
}

export async function go(page, title) {
  await page.locator(".session-open", { hasText: title }).first().click();
  await page.locator(".row").first().waitFor();
}

export const message = (page) => page.locator("#message");

export async function settings(page, topic) {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: topic, exact: true }).click();
  await page.locator(".group").first().waitFor();
}

/** Chooses from the menu of what else can be done with something. */
export async function more(page, name, item) {
  await page.getByRole("button", { name: `More: ${name}`, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

const LONGEST_WAIT_MS = 30_000;

/** Waits until what takes a while to find out holds on the page; `waitForFunction` takes a promise itself for true. */
export async function until(page, holds, arg) {
  const end = Date.now() + LONGEST_WAIT_MS;
  while (!(await page.evaluate(holds, arg))) {
    assert.ok(Date.now() < end, `never held: ${holds}`);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
  }
}

/** Waits until so many files are kept for drafts. */
export const kept = (page, files) =>
  until(
    page,
    async (wanted) => {
      const database = await new Promise((done) => {
        indexedDB.open("jamey.files", 1).onsuccess = (event) => done(event.target.result);
      });
      const found = await new Promise((done) => {
        database.transaction("files").objectStore("files").count().onsuccess = (event) => done(event.target.result);
      });
      database.close();
      return found === wanted;
    },
    files,
  );

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Holds what is on the page to no serious finding of axe; the lesser ones are printed. */
export async function accessible(page, where = "") {
  // Axe takes what a list has scrolled away for hidden, so the whole page is shown.
  await page.setViewportSize({ ...page.viewportSize(), height: 2400 });
  // The rules read styles through an element of their own, so they come as the page's own script.
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }),
  );
  const isSerious = (violation) => ["serious", "critical"].includes(violation.impact);
  for (const violation of found.violations.filter((one) => !isSerious(one)))
    console.log(`      (${violation.impact}) ${violation.id}: ${violation.nodes[0].target} ${where}`);
  const serious = found.violations
    .filter(isSerious)
    .map(
      (violation) =>
        `${violation.id}: ${violation.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`,
    );
  assert.deepEqual(serious, [], where);
}

/**
 * Drops files on the window: `{ name, text }`, `{ name, picture: "#hue" }` or `{ name, type, size }`. With `paste`
 * they are pasted instead. They come to the message, or to `at`; where there is no such thing, to the page.
 */
export async function drop(page, files, how = "drop", at = "#message") {
  await page.evaluate(
    async ([wanted, how, at]) => {
      const data = new DataTransfer();
      for (const { name, text, picture, type = "", size } of wanted) {
        let body = text ?? new Uint8Array(size ?? 0);
        if (picture) {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [320, 240];
          const pen = canvas.getContext("2d");
          pen.fillStyle = picture;
          pen.fillRect(0, 0, 320, 240);
          pen.fillStyle = "#fff8";
          pen.beginPath();
          pen.arc(210, 110, 70, 0, 7);
          pen.fill();
          body = await new Promise((done) => canvas.toBlob(done, "image/png"));
        }
        data.items.add(new File([body], name, { type: picture ? "image/png" : type }));
      }
      const target = document.querySelector(at) ?? document.body;
      const event =
        how === "paste"
          ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent(how, { dataTransfer: data, bubbles: true, cancelable: true });
      target.dispatchEvent(event);
    },
    [files, how, at],
  );
}
