/** Chooses the language and hands out its texts. */
import { createStore, useStore } from "../state/store";
import { en, type Text } from "./en";

export type Language = "en" | "de" | "zh";
export const LANGUAGES: readonly Language[] = ["en", "de", "zh"];
/** Each language by its own name. */
export const NAMES: Record<Language, string> = { en: "English", de: "Deutsch", zh: "简体中文" };

const texts = createStore<Text>(en);
let current: Language = "en";

/** The language that the system prefers, as far as it is here. */
export function systemLanguage(): Language {
  for (const wish of navigator.languages) {
    const found = LANGUAGES.find((language) => wish.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return "en";
}

export async function setLanguage(language: Language): Promise<void> {
  current = language;
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  if (language === "de") texts.set((await import("./de")).de);
  else if (language === "zh") texts.set((await import("./zh")).zh);
  else texts.set(en);
}

export function useText(): Text {
  return useStore(texts);
}

export function text(): Text {
  return texts.get();
}

/** What `Intl` calls the language. */
export function locale(): string {
  return current === "zh" ? "zh-Hans" : current;
}
