/**
 * A runtime that plays scripted sessions, for work on the window without a shell. `?mock=NAME` chooses what it
 * shows: default, empty, first-run, starting, failed, incompatible, lost, paused, long, running, streaming, hostile.
 * Never part of the product.
 */
import type { Jamey } from "../src/api/jamey";
import type {
  ApiError,
  Batch,
  ConfigView,
  Connection,
  Excerpt,
  Model,
  MonitorView,
  QuickShown,
  Shell,
  Value,
} from "../src/generated/bindings";
import { fits } from "../src/parts/listbox";
import type { Kind } from "../src/quick/offers";
import { newId } from "../src/session/ids";
import { downloadsOf } from "./downloads";
import { found } from "./files";
import { fill } from "./histories";
import { providersOf } from "./keys";
import { history, past, sample, statusOf } from "./machine";
import { play, summarise } from "./play";
import { check, follow } from "./servers";
import { usageOf } from "./usage";
import { CLOUD, HOME, LOCAL, World } from "./world";

const parameters = new URLSearchParams(location.search);
const wanted = parameters.get("mock") ?? "default";
const world = new World();
world.speed = Number(parameters.get("speed") ?? "1");
const isFirstRun = wanted === "first-run";

const told = {
  connection: new Set<(connection: Connection) => void>(),
  focus: new Set<(session: string) => void>(),
  shell: new Set<() => void>(),
  quick: new Set<(shown: QuickShown) => void>(),
};

const CONNECTIONS: Record<string, Connection> = {
  starting: { state: "starting" },
  failed: {
    state: "failed",
    error: {
      code: "unreachable",
      message: "the runtime did not start within 10 seconds",
      hint: "its log says why: jamey runtime logs",
      retryable: true,
    },
  },
  incompatible: {
    state: "incompatible",
    version: "0.3.1",
    error: {
      code: "version",
      message: "the runtime that runs is older than this window (protocol 0.9, here 1.0)",
      hint: "restart it, so that the new one takes over",
      retryable: false,
    },
  },
  preparing: { state: "preparing" },
  outdated: { state: "outdated" },
};
let connection: Connection = CONNECTIONS[wanted] ?? { state: "ready", version: "0.4.0" };

function setConnection(next: Connection): void {
  connection = next;
  for (const tell of told.connection) tell(next);
}

let resolveReady: (() => void) | undefined;
const ready = new Promise<void>((done) => {
  resolveReady = done;
});
void (wanted === "empty" || isFirstRun ? Promise.resolve() : fill(world, wanted)).then(() => resolveReady?.());

function need(): void {
  if (connection.state === "ready") return;
  const error: ApiError = {
    code: "unreachable",
    message: "the runtime cannot be reached",
    hint: "start it with the button above",
    retryable: true,
  };
  throw error;
}

function session(id: string) {
  need();
  const one = world.sessions.get(id);
  if (!one) throw { code: "not_found", message: "there is no such session", hint: null, retryable: false } as ApiError;
  return one;
}

const models: Model[] = [
  {
    id: CLOUD,
    context: 400_000,
    tools: true,
    vision: true,
    price: { input: 0.25, cached: 0.025, cacheWritten: 0.25, output: 2 },
    default: !isFirstRun,
  },
  {
    id: "openai/gpt-5",
    context: 400_000,
    tools: true,
    vision: true,
    price: { input: 1.25, cached: 0.125, cacheWritten: 1.25, output: 10 },
    default: false,
  },
  { id: "home-server/qwen3-30b", context: 131_072, tools: true, default: false },
  {
    id: LOCAL,
    context: 32_768,
    tools: true,
    default: false,
    weights: {
      bytes: 1_117_320_768,
      sha256: "cc32…",
      licence: "Apache-2.0",
      memoryBytes: 1_800_000_000,
      installed: !isFirstRun,
      rank: 1,
      about: "Answers, reads and edits files, runs commands; good for small tasks",
    },
  },
  {
    id: "local/qwen2.5-coder-0.5b",
    context: 32_768,
    tools: true,
    default: false,
    weights: {
      bytes: 491_400_064,
      sha256: "1d96…",
      licence: "Apache-2.0",
      memoryBytes: 615_000_000,
      installed: false,
      rank: 2,
      about: "Smaller and faster; short answers and simple edits",
    },
  },
  {
    id: "local/smollm2-135m",
    context: 8192,
    tools: false,
    default: false,
    weights: {
      bytes: 98_362_432,
      sha256: "b179…",
      licence: "Apache-2.0",
      memoryBytes: 217_000_000,
      installed: false,
      rank: 3,
      about: "Small talk and small facts; calls no tools",
    },
  },
];
if (isFirstRun) models.splice(0, 3);
const keys = providersOf(isFirstRun, models, () => world.speed);
const downloads = downloadsOf(
  models,
  () => world.speed,
  () => settle(),
);

/** The model of new sessions: the one that is chosen if it can answer, else what the runtime itself would take. */
function settle(): void {
  const wish = values.models?.default;
  const fits = ({ id, weights }: Model) => (wish ? id === wish : id === CLOUD || weights !== undefined);
  world.defaultModel = models.find((one) => fits(one) && (!one.weights || one.weights.installed))?.id;
  for (const model of models) model.default = model.id === world.defaultModel;
}

const values: Record<string, Record<string, Value>> = {
  api: { enabled: false, host: "127.0.0.1", port: 3000, enable_cors: false, allowed_origins: [] },
  logging: { level: "info", enable_file_logging: true, max_log_files: 10, max_age_days: 30 },
  tools: {
    enabled_tools: ["file_read", "file_write", "list_directory", "search_files", "shell_exec", "system_info"],
    execution_timeout_seconds: 30,
  },
  models: { default: isFirstRun ? "" : CLOUD },
  permissions: { mode: "ask" },
  runtime: { paused: wanted === "paused" },
  limits: {
    max_turns: 100,
    wall_seconds: 0,
    turn_tokens: 0,
    day_tokens: 1_000_000,
    month_tokens: 0,
    turn_cost: 0,
    day_cost: 5,
    month_cost: 60,
  },
  providers: {
    openai: { base_url: "https://api.openai.com/v1", plain_http: false },
    azure: { base_url: "", plain_http: false },
    ollama: { base_url: "", plain_http: false },
    ...(isFirstRun ? {} : { "home-server": { base_url: "http://192.168.1.20:8080/v1", plain_http: true } }),
    local: { idle_seconds: 600, context: 0, threads: 0, endpoint: "https://huggingface.co" },
  },
  monitor: { interval_seconds: 30, cpu_percent: 95, memory_percent: 95, disk_free_mb: 1000, temperature_celsius: 95 },
};
settle();
const config = (): ConfigView => ({
  path: `${HOME}/.config/jamey-code/runtime.toml`,
  values: structuredClone(values),
  warnings: [],
});

let shell: Shell = {
  autostart: false,
  hotkey: "Ctrl+Shift+Space",
  closeToTray: true,
  tray: true,
  notifications: true,
  platform: "linux",
  wayland: parameters.has("wayland"),
  ...(parameters.has("wayland")
    ? {
        hotkeyProblem:
          "Ctrl+Shift+Space cannot be the hotkey: this desktop (Wayland) lets no program take a key for itself; choose another, or bind the command `jamey-desktop --quick` to a key in your desktop's settings",
      }
    : {}),
};

const later = <T>(value: T, ms = 4): Promise<T> => new Promise((done) => setTimeout(() => done(value), ms));

/** What was offered to the quick prompt; the same text keeps its number. */
const texts: Excerpt[] = [];
function offer(text: Excerpt | undefined) {
  if (!text) return null;
  const known = texts.findIndex((one) => one.text === text.text && one.letters === text.letters);
  return { id: known < 0 ? texts.push(text) - 1 : known, letters: text.letters };
}

export const mock: Jamey = {
  connection: async () => connection,
  mend: async () => {
    setConnection({ state: "starting" });
    if (wanted === "broken") {
      const error: ApiError = {
        code: "unreachable",
        message: "jamey-runtime cannot be started: no such file",
        hint: "reinstall Jamey, so that jamey-runtime lies beside jamey",
        retryable: false,
      };
      setConnection({ state: "failed", error });
      throw error;
    }
    setTimeout(() => setConnection({ state: "ready", version: "0.4.0" }), 1200 / world.speed);
  },
  status: async () => {
    need();
    const { enabled, host, port } = values.api ?? {};
    const status = statusOf(world);
    return enabled ? { ...status, listening: [...status.listening, `http://${host}:${port}`] } : status;
  },
  monitor: async (hours, points) => {
    need();
    const view: MonitorView = { intervalSeconds: 30, now: sample(), history: history(hours, points), notices: [] };
    return later(view, 30);
  },
  providersPast: async (hours, points) => {
    need();
    return past(hours, points);
  },
  providers: async () => {
    need();
    return keys.providers();
  },
  giveKey: (provider, key) => keys.giveKey(provider, key),
  removeKey: (provider) => keys.removeKey(provider),
  testProvider: (provider) => keys.testProvider(provider),
  usage: async (by, days) => {
    need();
    await ready;
    return usageOf(world, parameters.get("usage"), by, days);
  },
  uploadAttachment: async (id, name, bytes) => {
    session(id);
    return later(world.shelf.put(name, bytes), 60 / world.speed);
  },
  attachmentBytes: async (id, attachment) => {
    session(id);
    return world.shelf.bytes(attachment);
  },
  findFiles: async (_session, _folder, words) => later(found(words), 20),
  models: async () => {
    need();
    if (parameters.get("models") === "slow") await new Promise(() => {});
    if (parameters.get("models") === "failing")
      throw { code: "unreachable", message: "the runtime hung up", hint: "wait a little, then try again" } as ApiError;
    return structuredClone(models);
  },
  tools: async () => {
    need();
    return [
      {
        name: "file_read",
        description: "Read a text file.",
        parameters: {},
        source: "built-in",
        permission: "runs inside the working folder",
      },
      { name: "file_write", description: "Write a text file.", parameters: {}, source: "built-in", permission: "asks" },
      {
        name: "list_directory",
        description: "List and count files and folders.",
        parameters: {},
        source: "built-in",
        permission: "runs inside the working folder",
      },
      {
        name: "search_files",
        description: "Find files by name or by a word in them.",
        parameters: {},
        source: "built-in",
        permission: "runs inside the working folder",
      },
      {
        name: "shell_exec",
        description: "Run a shell command (bash) in the working folder.",
        parameters: {},
        source: "built-in",
        permission: "asks",
      },
      {
        name: "system_info",
        description: "Date, time, OS, memory, CPU and disk of this computer.",
        parameters: {},
        source: "built-in",
        permission: "runs",
      },
    ];
  },
  sessions: async (cursor, limit) => {
    need();
    await ready;
    const all = [...world.sessions.values()].map((one) => one.session).sort((a, b) => b.updatedAt - a.updatedAt);
    const from = Number(cursor ?? 0);
    const next = from + limit < all.length ? String(from + limit) : null;
    return later({ data: structuredClone(all.slice(from, from + limit)), next });
  },
  session: async (id) => structuredClone(session(id).session),
  createSession: async (request) => {
    need();
    const one = world.add(null, 0, {
      ...(request.name ? { name: request.name } : {}),
      settings: { ...(request.model ? { model: request.model } : {}), ...(request.mode ? { mode: request.mode } : {}) },
      cwd: request.folder === "picked" ? `${HOME}/code/jamey` : `${HOME}/Documents`,
    });
    delete one.clock;
    return structuredClone(one.session);
  },
  renameSession: async (id, name) => {
    const one = session(id);
    one.session.name = name;
    one.emit({ type: "sessionUpdated", session: structuredClone(one.session) });
    return structuredClone(one.session);
  },
  deleteSession: async (id) => {
    session(id);
    world.sessions.delete(id);
    world.tellAll({ session: id, at: Date.now(), body: { type: "sessionDeleted" } });
  },
  pickFolder: async () => ({ token: "picked", shown: "~/code/jamey" }),
  items: async (id) => ({
    data: session(id).log.flatMap((event) => (event.body.type === "itemCompleted" ? [event.body.item] : [])),
    next: null,
  }),
  search: async (text, limit) => {
    need();
    const wish = text.toLowerCase();
    const hits = [...world.sessions.values()].flatMap((one) =>
      one.log.flatMap((event) => {
        const item = event.body.type === "itemCompleted" ? event.body.item : undefined;
        if (!item || !("text" in item.body)) return [];
        const at = item.body.text.toLowerCase().indexOf(wish);
        if (at < 0) return [];
        const said = item.body.text;
        const end = at + wish.length;
        const snippet = `${at > 30 ? "…" : ""}${said.slice(Math.max(0, at - 30), at)}[${said.slice(at, end)}]${said.slice(end, end + 60)}`;
        const title = one.session.name || one.session.title || null;
        return [{ session: one.session.id, title, item, snippet: snippet.replaceAll("\n", " ") }];
      }),
    );
    const titled = [...world.sessions.values()]
      .map((one) => one.session)
      .filter((session) => fits(session.name || session.title || "", text))
      .sort((a, b) => b.updatedAt - a.updatedAt);
    return later({ data: hits.slice(0, limit), next: null, sessions: structuredClone(titled.slice(0, limit)) }, 20);
  },
  submit: async (id, opId, op) => {
    const one = session(id);
    const accepted = () => ({ head: one.session.head, ...(one.turn ? { turn: one.turn } : {}) });
    if (one.taken.has(opId)) return accepted();
    switch (op.type) {
      case "start_turn":
        if (one.turn)
          throw {
            code: "conflict",
            message: "a turn runs in this session",
            hint: "wait for it, or stop it",
            retryable: true,
          } as ApiError;
        if (!one.session.settings.model && !world.defaultModel)
          throw {
            code: "no_model",
            message: "no model is chosen and none is installed",
            hint: "fetch one with `jamey models pull`",
            retryable: false,
          } as ApiError;
        void play(one, op.text, opId, op.settings ?? {}, world.shelf.of(op.attachments ?? []));
        break;
      case "steer":
        if (!one.turn)
          throw {
            code: "conflict",
            message: "nothing runs that could be steered; start a turn instead",
            hint: null,
            retryable: true,
          } as ApiError;
        one.steers.push(op.text);
        one.user(op.text, world.shelf.of(op.attachments ?? []));
        break;
      case "compact":
        void summarise(one, opId);
        break;
      case "interrupt":
        one.stopped = true;
        for (const decide of one.questions.values()) decide({ type: "deny", reason: "" });
        break;
      case "decide":
        one.questions.get(op.approvalId)?.(op.decision);
        break;
      case "configure":
        one.session.settings = { ...one.session.settings, ...op.settings };
        one.emit({ type: "sessionUpdated", session: structuredClone(one.session) });
        break;
    }
    one.taken.add(opId);
    return accepted();
  },
  follow: async (id, after, onBatch) => session(id).follow(after, onBatch),
  followAll: async (onBatch: (batch: Batch) => void) => {
    world.all.add(onBatch);
    return () => world.all.delete(onBatch);
  },
  config: async () => {
    need();
    return config();
  },
  setConfig: async (key, value) => {
    need();
    const parts = key.split(".");
    const tables = values.providers as Record<string, Record<string, Value>>;
    if (parts[0] === "providers") check(tables, key, value);
    let place = values as Record<string, Value>;
    for (const part of parts.slice(0, -1)) {
      place[part] ??= {};
      place = place[part] as Record<string, Value>;
    }
    if (value === null) delete place[parts.at(-1) ?? ""];
    else place[parts.at(-1) ?? ""] = value;
    if (parts[0] === "providers" && parts[1] !== "local") follow(keys.all, tables, key);
    if (key === "runtime.paused") world.tellPaused(value === true);
    settle();
    return config();
  },
  pullModel: (name, onPull) => downloads.begin(name, onPull),
  pulls: async () => downloads.all(),
  cancelPull: async (name) => downloads.pause(name),
  discardPull: async (name) => downloads.discard(name),
  removeModel: async (name) => {
    const model = models.find((one) => one.id === name);
    if (model?.weights) model.weights.installed = false;
    downloads.discard(name);
    settle();
  },
  defaultModel: async (id) => {
    await mock.setConfig("models.default", id);
  },
  shell: async () => shell,
  setPaused: async (paused) => mock.setConfig("runtime.paused", paused),
  setShell: async (change) => {
    shell = {
      ...shell,
      autostart: change.autostart ?? shell.autostart,
      closeToTray: change.closeToTray ?? shell.closeToTray,
      hotkey: change.hotkey === undefined ? shell.hotkey : change.hotkey,
    };
    return shell;
  },
  openLink: async (url) => {
    (window as unknown as { __opened: string[] }).__opened ??= [];
    (window as unknown as { __opened: string[] }).__opened.push(url);
  },
  showMain: async () => {},
  hideQuick: async () => {
    document.title = "hidden";
  },
  resizeQuick: async () => {},
  quickToMain: async () => {
    document.title = "moved";
  },
  quickText: async (id) => {
    const text = texts[id];
    if (!text) throw { code: "not_found", message: "this text is not offered any more", hint: null } as ApiError;
    return text;
  },
  quit: async () => {},
  onConnection: async (tell) => {
    told.connection.add(tell);
    return () => told.connection.delete(tell);
  },
  onFocusSession: async (tell) => {
    told.focus.add(tell);
    return () => told.focus.delete(tell);
  },
  onNotTold: async () => () => {},
  onShellChanged: async (tell) => {
    told.shell.add(tell);
    return () => told.shell.delete(tell);
  },
  onQuickShown: async (tell) => {
    told.quick.add(tell);
    return () => told.quick.delete(tell);
  },
};

Object.assign(window, {
  __mock: {
    /** A test may put another function in the place of one. */
    jamey: mock,
    world,
    setConnection,
    lose: () => setConnection(CONNECTIONS.failed!),
    focus: (id: string) => {
      for (const tell of told.focus) tell(id);
    },
    /** The shell is another by what was done elsewhere. */
    shell: (change: Partial<Shell>) => {
      shell = { ...shell, ...change };
      for (const tell of told.shell) tell();
    },
    /** The quick prompt appears, with these texts to ask about. */
    quick: ({ context, ...shown }: Omit<QuickShown, "context"> & { context?: Partial<Record<Kind, Excerpt>> }) => {
      const { selection, clipboard } = context ?? {};
      for (const tell of told.quick)
        tell({ ...shown, context: { selection: offer(selection), clipboard: offer(clipboard) } });
    },
    /** How often these words were said, in all sessions. */
    said: (text: string) =>
      [...world.sessions.values()].flatMap((one) =>
        one.log.filter(
          ({ body }) =>
            body.type === "itemCompleted" && body.item.body.type === "userMessage" && body.item.body.text === text,
        ),
      ).length,
    newId,
  },
});
