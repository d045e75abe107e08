/**
 * How the window looks stands in `[desktop]` of runtime.toml, where every face and every editor can change it. The
 * preferences keep a copy: for the first frame, and for a runtime that is not there.
 */
import type { ConfigView } from "../generated/bindings";
import { LANGUAGES, type Language, text } from "../text";
import { config } from "./asked";
import { connection } from "./connection";
import { chooseLanguage, type Prefs, prefs, SCALES, setPrefs, type Theme } from "./prefs";
import { say } from "./toasts";
import { isWished, wish } from "./wishes";

export type Look = "theme" | "scale" | "language" | "grouping";

/** The names in runtime.toml. */
export const LOOK_KEYS = {
  theme: "desktop.theme",
  scale: "desktop.font_percent",
  language: "desktop.language",
  grouping: "desktop.group_by",
} as const satisfies Record<Look, string>;

export const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** What a configuration says of the looks; a runtime of another version may say less, or something new. */
export function looksIn(view: ConfigView | undefined): Partial<Pick<Prefs, Look>> {
  const said = (view?.values as { desktop?: Record<string, unknown> } | undefined)?.desktop ?? {};
  const { theme, font_percent: scale, language, group_by: grouping } = said;
  const isLanguage = language === "system" || LANGUAGES.includes(language as Language);
  return {
    ...(THEMES.includes(theme as Theme) ? { theme: theme as Theme } : {}),
    ...(typeof scale === "number" ? { scale } : {}),
    ...(isLanguage ? { language: language as Prefs["language"] } : {}),
    ...(grouping === "day" || grouping === "folder" ? { grouping } : {}),
  };
}

function follow(): void {
  const now = prefs.get();
  const said = Object.entries(looksIn(config.store.get().value));
  // Until the last wish is answered the configuration is behind.
  const news = said.filter(([look, value]) => now[look as Look] !== value && !isWished(LOOK_KEYS[look as Look]));
  if (news.length === 0) return;
  setPrefs(Object.fromEntries(news));
  void chooseLanguage();
}

/** Follows what the configuration says from now on. */
export function beginLooks(): void {
  config.store.subscribe(follow);
}

/** Changes one look by a key or a command: here at once, and for good where the runtime can be asked. */
export async function choose<L extends Look>(look: L, value: Prefs[L]): Promise<void> {
  if (prefs.get()[look] === value) return;
  setPrefs({ [look]: value });
  await wish(
    LOOK_KEYS[look],
    () => value,
    (outcome) => {
      // Without a runtime it holds for this window, and the window says that there is none.
      if (outcome.kind === "saved" || connection.get().state !== "ready") return;
      say({ text: text().settings.notSaved, hint: outcome.message, isError: true }, 10_000);
    },
  );
}

/** Makes the letters larger by so many steps. */
export function grow(steps: number): void {
  const scale = prefs.get().scale + steps * 10;
  void choose("scale", Math.min(SCALES[SCALES.length - 1] ?? 100, Math.max(SCALES[0], scale)));
}
