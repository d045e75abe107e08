/** The window in front of a shell that only answers: what it asks for, and that it hears what comes. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { drop, launch, serve } from "./page.mjs";

const SESSION = {
  id: "019a0000-0000-7000-8000-000000000001",
  title: "From a real shell",
  cwd: "/home/ada",
  settings: {},
  status: "idle",
  createdAt: 1,
  updatedAt: Date.now(),
  head: 2,
};

/** Runs in the page before anything else. */
function shell(session) {
  let next = 0;
  const callbacks = new Map();
  const calls = [];
  const channels = {};
  const event = (seq, body) => ({ session: session.id, seq, at: Date.now(), turn: "t", body });
  const tell = (name, events) => {
    const channel = channels[name];
    callbacks.get(channel.id)({ index: channel.index++, message: { events } });
  };
  const answers = {
    connection: () => ({ state: "ready", version: "9.9.9" }),
    sessions: () => ({ data: [session] }),
    session: () => session,
    models: () => [{ id: "a/b", default: true }],
    config: () => ({ path: "/c", values: {}, warnings: [] }),
    status: () => ({ version: "9.9.9", folders: {}, children: [], notices: [], listening: [] }),
    shell: () => ({
      autostart: false,
      hotkey: null,
      closeToTray: true,
      tray: true,
      notifications: true,
      platform: "linux",
      wayland: false,
    }),
    follow_all: () => 1,
    follow: () => 2,
    submit: ({ op }) => {
      setTimeout(() =>
        tell("follow", [
          event(3, { type: "turnStarted", opId: "o", settings: {} }),
          event(4, {
            type: "itemCompleted",
            item: { id: "u", turn: "t", step: 0, at: 1, body: { type: "userMessage", text: op.text } },
          }),
          event(5, {
            type: "itemStarted",
            item: { id: "m", turn: "t", step: 1, at: 1, body: { type: "agentMessage", text: "", model: "a/b" } },
          }),
          {
            session: session.id,
            at: 1,
            body: { type: "itemDelta", itemId: "m", delta: { type: "text", offset: 0, text: "Grüße " } },
          },
          {
            session: session.id,
            at: 1,
            body: { type: "itemDelta", itemId: "m", delta: { type: "text", offset: 8, text: "aus der Shell" } },
          },
        ]),
      );
      return { turn: "t", head: 4 };
    },
  };
  window.__calls = calls;
  window.__TAURI_INTERNALS__ = {
    transformCallback: (callback) => {
      callbacks.set(++next, callback);
      return next;
    },
    unregisterCallback: (id) => callbacks.delete(id),
    convertFileSrc: (_path, scheme) => `/${scheme}`,
    invoke: async (command, args) => {
      calls.push([command, JSON.parse(JSON.stringify(args ?? {}))]);
      if (args?.channel) channels[command] = { id: args.channel.id, index: 0 };
      if (command === "follow") {
        setTimeout(() =>
          tell("follow", [
            event(1, { type: "sessionUpdated", session }),
            event(2, { type: "notice", level: "info", text: "hello" }),
          ]),
        );
      }
      if (command === "plugin:event|listen") return 1;
      if (!answers[command]) throw { code: "not_found", message: `no ${command}`, retryable: false };
      return answers[command](args);
    },
  };
  window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener() {} };
}

it("asks the shell by its commands and shows what its channels bring", async () => {
  const server = await serve();
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.addInitScript(shell, SESSION);
    let sent;
    await page.route("**/upload", (route) => {
      sent = { headers: route.request().headers(), body: route.request().postData() };
      route.fulfill({ json: { id: "file-1", name: "größe.txt", mediaType: "text/plain", bytes: 5 } });
    });
    await page.goto(server.url);
    await page.locator(".session-open", { hasText: "From a real shell" }).click();
    await page.locator(".notice", { hasText: "hello" }).waitFor();
    await drop(page, [{ name: "größe.txt", text: "hello" }]);
    await page.locator('.held[data-state="here"]').waitFor();
    await page.locator("#message").fill("Hallo");
    await page.keyboard.press("Enter");
    await page.locator(".markdown", { hasText: "Grüße aus der Shell" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    const calls = await page.evaluate(() => window.__calls);
    const args = (name) => calls.find(([command]) => command === name)?.[1];
    assert.deepEqual(Object.keys(args("submit")).sort(), ["op", "opId", "session"]);
    assert.deepEqual(args("submit").op, { type: "start_turn", text: "Hallo", attachments: ["file-1"], settings: {} });
    assert.equal(sent.body, "hello");
    assert.equal(sent.headers.session, SESSION.id);
    assert.equal(sent.headers.name, "gr%C3%B6%C3%9Fe.txt");
    assert.match(args("submit").opId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(args("follow").after, 0);
    // It listens before it asks how the connection stands, since the answer may bring a session to show.
    const names = calls.map(([command, given]) => given.event ?? command);
    assert.ok(names.indexOf("focus-session") < names.indexOf("connection"));
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
    server.close();
  }
});
