/**
 * Takes a picture of every state of the window, wide and narrow, light and dark.
 * `node ui/shots/shots.mjs [--to FOLDER] [--only WORD] [--theme light|dark] [--width 1280|720] [--documents]`
 *
 * With `--documents` only of what the documents show, as files with few colours. A picture that is taken again has
 * the same bytes: the page has a clock of its own, which is stopped at the same moment each time.
 */
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { launch, open, serve } from "../browser/page.mjs";
import { STATES } from "./states.mjs";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const folder = option("to", join(tmpdir(), "jamey-shots"));
/** What a page looked like that did not get there: never among the pictures, which are kept and shown. */
const failures = fileURLToPath(new URL("../../target/shots-failed", import.meta.url));
const only = option("only", "");
const isForDocuments = process.argv.includes("--documents");
const themes = option("theme", "light,dark").split(",");
const sizes = [
  { width: 1280, height: 800 },
  { width: 720, height: 900 },
].filter((size) => option("width", String(size.width)) === String(size.width));

/** A Thursday afternoon. */
const BEGIN = new Date("2026-03-05T15:20:00+01:00").getTime();
/** So long after it a picture is taken, in milliseconds of the page's clock. */
const LATER = 30_000;
const STEP = 50;
/** A busy machine takes its time. */
const PATIENCE = 60_000;

/** Lets the page's clock go while a person would do something. */
async function whileItGoes(page, act) {
  let isOver = false;
  const going = (async () => {
    while (!isOver) await page.clock.runFor(STEP);
  })();
  try {
    await act();
  } finally {
    isOver = true;
    await going.catch(() => undefined);
  }
}

async function until(page, moment) {
  const now = await page.evaluate(() => Date.now());
  if (now > moment) throw new Error(`it took ${now - moment} ms too long to get there`);
  await page.clock.runFor(moment - now);
}

/** Few colours are enough for a page, and a third of the bytes. */
const fewColours = (file) =>
  promisify(execFile)("convert", [
    file,
    "-strip",
    "+dither",
    "-colors",
    "96",
    "-define",
    "png:exclude-chunk=all",
    `PNG8:${file}`,
  ]);

async function take(browser, url, state, size, theme) {
  const { page, context, seen } = await open(browser, url, { ...state, ...size, theme, begin: BEGIN });
  page.setDefaultTimeout(PATIENCE);
  const name = `${state.name}-${size.width}-${theme}.png`;
  try {
    await whileItGoes(page, async () => {
      await page.locator("#root > *").first().waitFor();
      await state.go?.(page);
    });
    await page.mouse.move(0, 0);
    await until(page, BEGIN + (state.at ?? LATER));
    await page.evaluate(() => document.fonts.ready);
    if (state.hover) await page.hover(state.hover);
    await page.screenshot({ path: join(folder, name), animations: "disabled", caret: "hide" });
    if (isForDocuments) await fewColours(join(folder, name));
    for (const error of [...seen.errors, ...seen.violations]) console.error(`${state.name}: ${error}`);
    return true;
  } catch (error) {
    const path = join(failures, name);
    console.error(`${name}: ${error.message.split("\n")[0]}; see ${path}`);
    await page.screenshot({ path }).catch(() => undefined);
    return false;
  } finally {
    await context.close();
  }
}

await mkdir(folder, { recursive: true });
await rm(failures, { recursive: true, force: true });
const server = await serve();
const browser = await launch();
let failed = 0;
try {
  const wanted = STATES.filter((one) => one.name.includes(only) && (one.isShown || !isForDocuments));
  for (const state of wanted)
    for (const theme of themes)
      for (const size of state.size ? [state.size] : sizes)
        if (!(await take(browser, server.url, state, size, theme))) failed++;
} finally {
  await browser.close();
  server.close();
}
console.log(`pictures are in ${folder}`);
process.exitCode = failed ? 1 : 0;
