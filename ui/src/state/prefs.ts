/** What the window keeps between its starts, in the webview. How it looks is a copy: see `looks`. */
import type { Grouping } from "../sidebar/groups";
import { type Language, setLanguage, systemLanguage } from "../text";
import { createStore } from "./store";

export type Theme = "system" | "light" | "dark";
export type Prefs = {
  theme: Theme;
  /** From 90 to 140 percent. */
  scale: number;
  language: Language | "system";
  sidebar: boolean;
  pinned: readonly string[];
  /** How the list of sessions is divided. */
  grouping: Grouping;
};

const KEY = "jamey.prefs";
export const SCALES = [90, 100, 110, 120, 130, 140] as const;
const FIRST: Prefs = { theme: "system", scale: 100, language: "system", sidebar: true, pinned: [], grouping: "day" };

function read(): Prefs {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? { ...FIRST, ...kept } : FIRST;
  } catch {
    return FIRST;
  }
}

export const prefs = createStore<Prefs>(read());

export function setPrefs(change: Partial<Prefs>): void {
  prefs.update((now) => ({ ...now, ...change }));
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs.get()));
  } catch {
    // Without a place to keep it, it holds for this window.
  }
  show();
}

const dark = matchMedia("(prefers-color-scheme: dark)");

function show(): void {
  const { theme, scale } = prefs.get();
  const isDark = theme === "dark" || (theme === "system" && dark.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  document.documentElement.style.setProperty("--scale", String(scale / 100));
}

/** Shows what was chosen, and follows the system and the other window from now on. */
export async function begin(): Promise<void> {
  show();
  dark.addEventListener("change", show);
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    prefs.set(read());
    show();
    void chooseLanguage();
  });
  await chooseLanguage();
}

export function chooseLanguage(): Promise<void> {
  const { language } = prefs.get();
  return setLanguage(language === "system" ? systemLanguage() : language);
}
