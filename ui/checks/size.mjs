/** Holds the build to its size: the first page's JavaScript, compressed, and no word of the scripted runtime. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const MOST_KB = 200;
const built = fileURLToPath(new URL("../../dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${built}.vite/manifest.json`, "utf8"));

/** What a page loads before it does anything: its own script and what that imports at once. */
function first(entry, seen = new Set()) {
  if (!seen.has(entry)) {
    seen.add(entry);
    for (const next of manifest[entry].imports ?? []) first(next, seen);
  }
  return seen;
}

let failed = false;
for (const page of ["index.html", "quick.html"]) {
  const files = [...first(page)].map((entry) => manifest[entry].file);
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(built + file)).length, 0);
  const kb = Math.round(bytes / 1000);
  console.log(`${page}: ${kb} kB of JavaScript, compressed (at most ${MOST_KB})`);
  if (kb > MOST_KB) failed = true;
}
// WebKit measures everything as nothing while a style sheet is on its way, so none may come later.
for (const entry of Object.values(manifest)) {
  if (!entry.isDynamicEntry || !entry.css) continue;
  console.error(`${entry.file} brings a style sheet of its own`);
  failed = true;
}
for (const file of readdirSync(`${built}assets`)) {
  if (!file.endsWith(".js")) continue;
  const code = readFileSync(`${built}assets/${file}`, "utf8");
  if (file.startsWith("mock") || code.includes("/home/ada") || code.includes("__mock")) {
    console.error(`${file} carries the scripted runtime`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
