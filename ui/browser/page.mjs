/** Serves the mock build on a port that the system chooses, and opens it in the system's Chromium. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const BUILT = fileURLToPath(new URL("../../target/ui-mock", import.meta.url));
const FONTS = fileURLToPath(new URL("../shots/fonts.conf", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };
/** As strict as the real window's: a test that passes here passes there. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; object-src 'none'; require-trusted-types-for 'script'";

export async function serve() {
  const server = createServer(async (request, response) => {
    if (request.url === "/favicon.ico") return response.writeHead(204).end();
    const path = normalize(new URL(request.url, "http://localhost").pathname).replace(/^\/$/, "/index.html");
    try {
      const body = await readFile(join(BUILT, path));
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.setHeader("content-security-policy", CSP);
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
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
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
    ...rest
  } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: "en-GB",
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
  await page.goto(`${url}/${file}?mock=${mock}${query}`);
  return { page, context, seen };
}
