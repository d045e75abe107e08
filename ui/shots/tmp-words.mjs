import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, open, serve } from "../browser/page.mjs";
import { STATES } from "./states.mjs";

const [folder, languages, sizes, only] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const names = only.split(",");
const server = await serve();
const browser = await launch();
for (const state of STATES.filter((s) => names.includes(s.name)))
  for (const size of state.size
    ? [state.size]
    : sizes.split(",").map((w) => ({ width: +w, height: +w > 1000 ? 800 : 900 }))) {
    const { page, context } = await open(browser, server.url, { ...state, ...size });
    try {
      await page.locator("#root > *").first().waitFor();
      await state.go?.(page);
      for (const language of languages.split(",")) {
        await page.evaluate((language) => {
          localStorage.setItem(
            "jamey.prefs",
            JSON.stringify({ ...JSON.parse(localStorage["jamey.prefs"] ?? "{}"), language }),
          );
          dispatchEvent(new StorageEvent("storage", { key: "jamey.prefs" }));
        }, language);
        await page.waitForFunction((l) => document.documentElement.lang.startsWith(l), language);
        await page.waitForTimeout(300);
        const wide = await page.evaluate(() => {
          const bad = [];
          for (const e of document.querySelectorAll("button, .tag, th, label, h1, h2, h3, .setting-name, a")) {
            const s = getComputedStyle(e);
            if (!e.offsetParent || e.closest(".unseen") || e.classList.contains("unseen")) continue;
            if (e.scrollWidth > e.clientWidth + 1 && s.overflow !== "visible" && e.clientWidth > 0)
              bad.push(`cut: ${e.className}: ${e.textContent.slice(0, 60)}`);
            if (
              e.tagName === "BUTTON" &&
              e.textContent &&
              e.getClientRects().length &&
              e.offsetHeight > 48 &&
              e.textContent.length < 45
            )
              bad.push(`tall: ${e.className}: ${e.textContent.slice(0, 60)}`);
          }
          if (document.documentElement.scrollWidth > innerWidth) bad.push("page wider");
          return bad;
        });
        for (const line of new Set(wide)) console.log(state.name, size.width, language, line);
        await page.screenshot({
          path: join(folder, `${state.name}-${size.width}-${language}.png`),
          animations: "disabled",
        });
      }
    } catch (e) {
      console.log("FAILED", state.name, size.width, e.message.split("\n")[0]);
    }
    await context.close();
  }
await browser.close();
server.close();
