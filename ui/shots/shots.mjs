/**
 * Takes a picture of every state of the window, wide and narrow, light and dark.
 * `node ui/shots/shots.mjs [--to FOLDER] [--only WORD] [--theme light|dark] [--width 1280|720]`
 */
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, open, serve } from "../browser/page.mjs";
import { STATES } from "./states.mjs";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const folder = option("to", join(tmpdir(), "jamey-shots"));
const only = option("only", "");
const themes = option("theme", "light,dark").split(",");
const sizes = [
  { width: 1280, height: 800 },
  { width: 720, height: 900 },
].filter((size) => option("width", String(size.width)) === String(size.width));

await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
let failed = 0;
try {
  for (const state of STATES.filter((one) => one.name.includes(only))) {
    for (const theme of themes) {
      for (const size of state.size ? [state.size] : sizes) {
        const { page, context, seen } = await open(browser, server.url, { ...state, ...size, theme });
        try {
          await state.go?.(page);
          await page.mouse.move(0, 0);
          await page.evaluate(() => document.fonts.ready);
          await page.waitForTimeout(state.wait ?? 350);
          if (state.hover) await page.hover(state.hover);
          await page.screenshot({
            path: join(folder, `${state.name}-${size.width}-${theme}.png`),
            animations: "disabled",
          });
        } catch (error) {
          failed++;
          console.error(`${state.name} ${size.width} ${theme}: ${error.message.split("\n")[0]}`);
          await page.screenshot({ path: join(folder, `FAILED-${state.name}-${size.width}-${theme}.png`) });
        }
        for (const error of [...seen.errors, ...seen.violations]) console.error(`${state.name}: ${error}`);
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  server.close();
}
console.log(`pictures are in ${folder}`);
process.exitCode = failed ? 1 : 0;
