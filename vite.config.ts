import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** KaTeX names each font in three formats; every webview that Jamey runs in reads the smallest. */
const smallestFonts: Plugin = {
  name: "smallest-fonts",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("katex") || !id.endsWith(".css")) return null;
    return code.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)/g, "");
  },
};

/** The styles of the frame that a page paints before anything else has come. */
const FRAME = ["tokens", "base", "first"].map((name) => at(`ui/src/style/${name}.css`));

/**
 * What is painted first needs no other file: the frame's styles are in the page, and all other styles and the code
 * come after it. The code is fetched at once and run when the frame has been painted. A page without a frame waits
 * for its styles, and is not told to wait with its code.
 */
const frameFirst: Plugin = {
  name: "frame-first",
  transformIndexHtml: {
    order: "post",
    handler(html) {
      const take = (what: RegExp) => {
        const taken = html.match(what) ?? [];
        html = taken.reduce((page, line) => page.replace(line, ""), html);
        return taken.join("");
      };
      const styles = take(/^ *<link rel="stylesheet"[^>]*>\n/gm);
      if (!html.includes('first-paint"')) return html.replace(/^ *<script/m, (script) => styles + script);
      const parts = take(/^ *<link rel="modulepreload"[^>]*>\n/gm);
      const code = take(/^ *<script type="module"[^>]*><\/script>\n/gm).replace(
        /^( *)<script type="module" crossorigin src="(.*?)">/,
        '$1<link rel="modulepreload" crossorigin href="$2">\n$1<script src="./after-paint.js" data-code="$2">',
      );
      const frame = FRAME.map((file) => readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s+/gm, "")).join("");
      return html
        .replace(/^ *<script/m, (script) => `    <style>\n${frame}    </style>\n${script}`)
        .replace(/^ *<\/body>/m, (end) => styles + parts + code + end);
    },
  },
};

/** With the scripted runtime, React says what it holds against the page, and the tests take that for an error. */
const talkative = { "process.env.NODE_ENV": JSON.stringify("development") };

export default defineConfig(({ mode }) => ({
  root: at("ui"),
  base: "./",
  plugins: [react(), smallestFonts, frameFirst],
  // The scripted runtime is compiled in for `vite dev` and `--mode mock` alone.
  define: { __MOCK__: JSON.stringify(mode !== "production"), ...(mode === "mock" ? talkative : {}) },
  build: {
    outDir: at(mode === "mock" ? "target/ui-mock" : "dist"),
    emptyOutDir: true,
    target: ["es2022", "safari16", "chrome110"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: { input: { main: at("ui/index.html"), quick: at("ui/quick.html") } },
  },
  server: { host: "127.0.0.1", port: 1420, strictPort: true },
  test: { include: ["**/*.test.{ts,tsx}"], environment: "node", testTimeout: 60_000 },
}));
