/** What the scripted runtime says to `[providers.NAME]` and addresses, in the words of the real one. */
import type { ApiError, Value } from "../src/generated/bindings";
import type { Stand } from "./keys";

type Tables = Record<string, Record<string, Value>>;

const BUILT_IN = ["openai", "anthropic", "gemini", "azure", "ollama", "local"];
const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

function refuse(message: string, hint: string): never {
  throw { code: "config", message, hint, retryable: false } as ApiError;
}

/** Checks the value of one key of a provider's table before it is set. */
export function check(tables: Tables, key: string, value: Value): void {
  const [, name = "", field] = key.split(".");
  if (field === undefined) return;
  const hint = "`jamey config get` shows all keys and values";
  if (!/^[a-z0-9_-]{1,40}$/.test(name)) refuse(`there is no key ${key}`, hint);
  const table = { ...tables[name], [field]: value };
  const isBegun = Object.keys(table).every((word) => word === "plain_http");
  if (!BUILT_IN.includes(name) && !table.base_url && !isBegun) {
    refuse(
      `/home/ada/.config/jamey-code/runtime.toml: providers.${name} needs base_url, such as http://127.0.0.1:11434/v1`,
      "see the comments in the file for what each key takes",
    );
  }
  if (field !== "base_url" || value === "") return;
  const text = String(value);
  const whole = text.includes("://") ? text : name === "ollama" ? `http://${text}` : `https://${text}`;
  if (!URL.canParse(whole)) refuse(`\`${text}\` is not a URL`, "write it like https://api.example.com/v1");
  const url = new URL(whole);
  if (!/^https?:$/.test(url.protocol))
    refuse(
      `\`${url.protocol}\` is not a scheme that models are spoken to with`,
      "use https://, or http:// for a server on this machine",
    );
  if (url.protocol === "http:" && !isLoopback(url.hostname) && table.plain_http !== true)
    refuse(
      `http:// to ${url.hostname} would send the key and every prompt unencrypted`,
      `use https://; http:// is for localhost, 127.0.0.1 and [::1]; if whoever can read the network may read key and prompts, first: jamey config set providers.${name}.plain_http true`,
    );
}

/** Lets the list of providers say what the table says now. */
export function follow(all: Stand[], tables: Tables, key: string): void {
  const [, name = ""] = key.split(".");
  const table = tables[name];
  const at = all.findIndex((one) => one.name === name);
  const one = all[at];
  if (!table && at >= 0) all.splice(at, 1);
  else if (table?.base_url && one)
    Object.assign(one, { baseUrl: table.base_url, kind: table.kind ?? one.kind, isDown: false, models: 4 });
  else if (table?.base_url)
    all.splice(-1, 0, {
      name,
      kind: String(table.kind ?? (BUILT_IN.includes(name) ? name : "openai-compatible")),
      baseUrl: String(table.base_url),
      keySource: null,
      state: "ready",
      takesKey: true,
      hasKeptKey: false,
      models: 4,
      isDown: String(table.base_url).includes("down"),
    });
}
