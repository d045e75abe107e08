/** The scripted runtime's providers and their keys. A key that says `wrong` is refused by the provider. */
import type { Jamey } from "../src/api/jamey";
import type { ApiError, Model, ProviderView } from "../src/generated/bindings";

export type Stand = ProviderView & { models: number; refuses?: boolean; isDown?: boolean };

const NO_KEY = (variable: string) =>
  `no key; give one with: jamey providers login, or set ${variable} in the environment or in .env`;
const VARIABLE: Record<string, string> = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  gemini: "GEMINI_API_KEY",
};

export function providersOf(isFirstRun: boolean, models: Model[], speed: () => number) {
  const all: Stand[] = [
    {
      name: "openai",
      kind: "openai",
      baseUrl: "https://api.openai.com/v1",
      keySource: isFirstRun ? null : "environment OPENAI_API_KEY",
      state: isFirstRun ? NO_KEY("OPENAI_API_KEY") : "ready",
      takesKey: true,
      hasKeptKey: false,
      models: 48,
    },
    {
      name: "anthropic",
      kind: "anthropic",
      baseUrl: "https://api.anthropic.com",
      keySource: isFirstRun ? null : "keychain",
      state: isFirstRun ? NO_KEY("ANTHROPIC_API_KEY") : "ready",
      takesKey: true,
      hasKeptKey: !isFirstRun,
      models: 9,
    },
    {
      name: "gemini",
      kind: "gemini",
      baseUrl: "https://generativelanguage.googleapis.com",
      keySource: null,
      state: NO_KEY("GEMINI_API_KEY"),
      takesKey: true,
      hasKeptKey: false,
      models: 22,
    },
    ...(isFirstRun
      ? []
      : [
          {
            name: "home-server",
            kind: "openai-compatible",
            baseUrl: "http://192.168.1.20:8080/v1",
            keySource: null,
            state: "ready",
            takesKey: true,
            isDown: true,
            models: 0,
          },
        ]),
    {
      name: "local",
      kind: "local",
      baseUrl: null,
      keySource: null,
      state: isFirstRun ? "no model is installed; fetch one with `jamey models pull`" : "ready, 1 model installed",
      models: 3,
    },
  ];
  const named = (name: string): Stand => {
    const one = all.find((provider) => provider.name === name);
    if (!one) throw { code: "not_found", message: `there is no provider ${name}`, retryable: false } as ApiError;
    return one;
  };
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms / speed()));
  const calls: Pick<Jamey, "providers" | "giveKey" | "removeKey" | "testProvider"> = {
    providers: async () => all.map(({ models: _, refuses: __, isDown: ___, ...view }) => ({ ...view })),
    giveKey: async (name, key) => {
      const one = named(name);
      await pause(200);
      if (/\s/.test(key)) {
        const error: ApiError = {
          code: "bad_request",
          message: "a key has no space in it",
          hint: "copy it again, from its first letter to its last",
        };
        throw error;
      }
      const fromOutside = one.keySource?.startsWith("environment") ? one.keySource : null;
      one.hasKeptKey = true;
      one.refuses = key.includes("wrong");
      if (!fromOutside) {
        one.keySource = "keychain";
        one.state = "ready";
      }
      if (isFirstRun && !models.some((model) => model.id.startsWith(`${name}/`))) {
        models.push(
          { id: `${name}/small`, context: 200_000, tools: true },
          { id: `${name}/large`, context: 1_000_000, tools: true, vision: true },
        );
      }
      return { place: "keychain", ...(fromOutside ? { outrankedBy: fromOutside } : {}) };
    },
    removeKey: async (name) => {
      const one = named(name);
      one.hasKeptKey = false;
      if (one.keySource !== "keychain") return;
      one.keySource = null;
      one.state = VARIABLE[name] ? NO_KEY(VARIABLE[name]) : "ready";
    },
    testProvider: async (name) => {
      const one = named(name);
      await pause(700);
      if (one.refuses) {
        return {
          tookMs: 310,
          error: {
            code: "auth",
            message: `${name} refused the key (401)`,
            hint: "the key in the keychain was sent; give it again",
          },
        };
      }
      if (/^ready\b/.test(one.state) && !one.isDown) return { tookMs: 420, models: one.models };
      return {
        tookMs: 3000,
        error: {
          code: "provider",
          message: one.isDown ? `${name} cannot be reached (connection refused)` : one.state,
          hint: "see that it runs, then try again",
        },
      };
    },
  };
  return { ...calls, all };
}
