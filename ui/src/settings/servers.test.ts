import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Value } from "../generated/bindings";
import { isUnencrypted, nameTrouble, type Server, save, serversOf } from "./servers";

/** The runtime, as far as it judges servers. */
const runtime = vi.hoisted(() => ({
  asked: [] as [string, unknown][],
  servers: new Map<string, Record<string, unknown>>(),
}));

vi.mock("../api", async () => {
  const { asError } = await vi.importActual<typeof import("../api/jamey")>("../api/jamey");
  const setConfig = async (key: string, value: unknown) => {
    runtime.asked.push([key, value]);
    const [, name = "", field] = key.split(".");
    if (field === undefined) runtime.servers.delete(name);
    else {
      const next = { ...runtime.servers.get(name), [field]: value };
      if (!next.base_url && field !== "plain_http")
        throw { code: "config", message: `providers.${name} needs base_url` };
      if (field === "base_url" && String(value).startsWith("http://1") && !next.plain_http)
        throw { code: "config", message: "unencrypted" };
      if (value === "nonsense") throw { code: "config", message: "must be one of" };
      runtime.servers.set(name, next);
    }
    return { path: "", values: {}, warnings: [] };
  };
  return { asError, jamey: () => ({ setConfig }) };
});

beforeEach(() => {
  runtime.asked.length = 0;
  runtime.servers.clear();
});

const server = (more: Partial<Server> = {}): Server => ({
  name: "mine",
  kind: "openai-compatible",
  address: "https://models.example/v1",
  plain: false,
  ...more,
});

describe("the servers of a configuration", () => {
  it("are those under names of the person's own", () => {
    const values: Value = {
      providers: { openai: { base_url: "x" }, local: {}, work: { base_url: "https://w", kind: "ollama" }, a: {} },
    };
    expect(serversOf(values)).toEqual([
      { name: "a", kind: "openai-compatible", address: "", plain: false },
      { name: "work", kind: "ollama", address: "https://w", plain: false },
    ]);
    expect(serversOf(undefined)).toEqual([]);
  });

  it("have names of small letters, digits and dashes that nobody else has", () => {
    expect(nameTrouble("", [])).toBe("empty");
    for (const name of ["My Server", "a.b", "ä", "x".repeat(41)]) expect(nameTrouble(name, [])).toBe("letters");
    for (const name of ["openai", "local", "mine"]) expect(nameTrouble(name, ["mine"])).toBe("taken");
    expect(nameTrouble("home-server_2", ["mine"])).toBeUndefined();
  });

  it("are asked in the clear where http leaves this machine", () => {
    for (const address of ["http://192.168.1.20:8080/v1", " HTTP://nas/v1"])
      expect(isUnencrypted(address), address).toBe(true);
    for (const address of [
      "http://127.0.0.1:1",
      "http://localhost/v1",
      "http://[::1]:2",
      "https://nas",
      "nas",
      "http://",
    ])
      expect(isUnencrypted(address), address).toBe(false);
  });
});

describe("a new server", () => {
  it("is its address first, since a table without one is refused", async () => {
    await save(server({ kind: "anthropic" }));
    expect(runtime.asked).toEqual([
      ["providers.mine.base_url", "https://models.example/v1"],
      ["providers.mine.kind", "anthropic"],
    ]);
  });

  it("is taken without encryption where the person said so, which is said first", async () => {
    await save(server({ address: "http://192.168.1.20:8080/v1", plain: true }));
    expect(runtime.servers.get("mine")).toEqual({ base_url: "http://192.168.1.20:8080/v1", plain_http: true });
  });

  it("leaves nothing behind when a part of it is refused", async () => {
    await expect(save(server({ kind: "nonsense" }))).rejects.toMatchObject({ message: "must be one of" });
    expect(runtime.servers.size).toBe(0);
  });
});

describe("a server that is changed", () => {
  it("is as it was when a part of the change is refused", async () => {
    await save(server());
    const change = server({ address: "http://192.168.1.20/v1", plain: true, kind: "nonsense" });
    await expect(save(change, server())).rejects.toMatchObject({ message: "must be one of" });
    expect(runtime.servers.get("mine")).toMatchObject({ base_url: "https://models.example/v1", plain_http: null });
  });

  it("keeps the word that lets it be asked in the clear where its address needs that", async () => {
    const before = server({ address: "http://192.168.1.20/v1", plain: true });
    await save(before);
    await expect(save({ ...before, plain: false }, before)).rejects.toMatchObject({ message: "unencrypted" });
    expect(runtime.servers.get("mine")).toMatchObject({ base_url: "http://192.168.1.20/v1", plain_http: true });
  });

  it("is no longer asked in the clear once it has an address that is encrypted", async () => {
    const before = server({ address: "http://192.168.1.20/v1", plain: true });
    await save(before);
    await save(server({ address: "https://nas/v1" }), before);
    expect(runtime.servers.get("mine")).toEqual({ base_url: "https://nas/v1", plain_http: null });
  });
});
