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

/** Styles before code: the first paint waits for the ones and not for the other, and both come through one door. */
const stylesFirst: Plugin = {
  name: "styles-first",
  transformIndexHtml: {
    order: "post",
    handler(html) {
      const styles = html.match(/^ *<link rel="stylesheet"[^>]*>\n/gm) ?? [];
      const rest = styles.reduce((page, style) => page.replace(style, ""), html);
      return rest.replace(/^ *<script/m, (script) => styles.join("") + script);
    },
  },
};

export default defineConfig(({ mode }) => ({
  root: at("ui"),
  base: "./",
  plugins: [react(), smallestFonts, stylesFirst],
  // The scripted runtime is compiled in for `vite dev` and `--mode mock` alone.
  define: { __MOCK__: JSON.stringify(mode !== "production") },
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
