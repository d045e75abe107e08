/** Servers that the person added: `[providers.NAME]` of the configuration, key by key as the runtime takes them. */
import type { Value } from "../generated/bindings";
import { at, put } from "../state/wishes";

/** What a server may speak, the usual first; `NAMED` of the runtime's table of keys. */
export const KINDS = [
  "openai-compatible",
  "openai",
  "openai-responses",
  "anthropic",
  "gemini",
  "azure",
  "ollama",
] as const;
export type Kind = (typeof KINDS)[number];

export type Server = {
  name: string;
  kind: string;
  address: string;
  /** Whether it may be asked without encryption on another machine. */
  plain: boolean;
};

/** Names whose keys are fixed: `BUILT_IN` there. */
const BUILT_IN = ["openai", "anthropic", "gemini", "azure", "ollama", "local"];

export function serversOf(values: Value | undefined): Server[] {
  const all = at(values, "providers");
  if (typeof all !== "object" || all === null || Array.isArray(all)) return [];
  return Object.keys(all)
    .filter((name) => !BUILT_IN.includes(name))
    .sort()
    .map((name) => ({
      name,
      kind: String(at(all, `${name}.kind`) ?? KINDS[0]),
      address: String(at(all, `${name}.base_url`) ?? ""),
      plain: at(all, `${name}.plain_http`) === true,
    }));
}

/** What is wrong with a name for a new server; it is half of `provider/model`. */
export function nameTrouble(name: string, taken: readonly string[]): "empty" | "letters" | "taken" | undefined {
  if (name === "") return "empty";
  if (!/^[a-z0-9_-]{1,40}$/.test(name)) return "letters";
  return BUILT_IN.includes(name) || taken.includes(name) ? "taken" : undefined;
}

/** Tells whether all could be read on the way to it: plain HTTP, and to another machine. */
export function isUnencrypted(address: string): boolean {
  if (!/^\s*http:\/\//i.test(address)) return false;
  try {
    const { hostname } = new URL(address.trim());
    return !/^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  } catch {
    return false;
  }
}

/** Writes a server, `before` as it was if there was one. What went wrong is thrown; then it is as it was. */
export async function save(server: Server, before?: Server): Promise<void> {
  const of = `providers.${server.name}`;
  const { address } = server;
  try {
    // First, since the address is taken only with this word.
    if (server.plain && !before?.plain) await put(`${of}.plain_http`, true);
    const isClosed = before?.plain && !server.plain;
    if (isClosed) await put(`${of}.plain_http`, null);
    // Without that word the runtime has to look at the address again, changed or not.
    if (isClosed || address !== before?.address) await put(`${of}.base_url`, address);
    if (server.kind !== (before?.kind ?? KINDS[0])) await put(`${of}.kind`, server.kind);
  } catch (thrown) {
    await restore(of, before).catch(() => undefined);
    throw thrown;
  }
}

/** The failure is what the person is told, whatever comes of this. */
async function restore(of: string, before: Server | undefined): Promise<void> {
  if (!before) return void (await put(of, null));
  await put(`${of}.plain_http`, before.plain ? true : null);
  await put(`${of}.base_url`, before.address);
  await put(`${of}.kind`, before.kind);
}

export async function forget(name: string): Promise<void> {
  await put(`providers.${name}`, null);
}
