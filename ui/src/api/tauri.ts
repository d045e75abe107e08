/** The shell, through the commands that it wrote down. */
import { Channel, convertFileSrc } from "@tauri-apps/api/core";
import { type Attachment, type Batch, commands, events, type Pull } from "../generated/bindings";
import type { Jamey, Stop } from "./jamey";

/** Begins to follow on a channel of its own; what still comes after the end is not heard. */
async function followed(
  begin: (channel: Channel<Batch>) => Promise<number>,
  onBatch: (batch: Batch) => void,
): Promise<Stop> {
  let isOpen = true;
  const channel = new Channel<Batch>();
  channel.onmessage = (batch) => {
    if (isOpen) onBatch(batch);
  };
  const subscription = await begin(channel);
  return () => {
    isOpen = false;
    void commands.unfollow(subscription).catch(() => {});
  };
}

/** Forgets what a command answers that answers nothing. */
const done = (answer: Promise<unknown>): Promise<void> => answer.then(() => {});

export const tauri: Jamey = {
  connection: () => commands.connection(),
  mend: () => done(commands.mend()),
  status: () => commands.status(),
  monitor: (hours, points) => commands.monitor(hours, points),
  providersPast: (hours, points) => commands.providersPast(hours, points),
  providers: () => commands.providers(),
  models: () => commands.models(),
  tools: () => commands.tools(),
  sessions: (cursor, limit) => commands.sessions(cursor, limit),
  session: (id) => commands.session(id),
  createSession: (request) => commands.createSession(request),
  renameSession: (id, name) => commands.renameSession(id, name),
  deleteSession: (id) => done(commands.deleteSession(id)),
  pickFolder: () => commands.pickFolder(),
  items: (session, cursor, limit) => commands.items(session, cursor, limit),
  search: (text, limit) => commands.search(text, limit),
  submit: (session, opId, op) => commands.submit(session, opId, op),
  follow: (session, after, onBatch) => followed((channel) => commands.follow(session, after, channel), onBatch),
  followAll: (onBatch) => followed((channel) => commands.followAll(channel), onBatch),
  // Not as a command: what those carry is written out as JSON, byte by byte.
  uploadAttachment: async (session, name, bytes) => {
    // A header holds no letter beyond ASCII, so the name is written as in an address.
    const headers = { session, name: encodeURIComponent(name) };
    const answer = await fetch(convertFileSrc("", "upload"), { method: "POST", headers, body: bytes });
    if (!answer.ok) throw await answer.json();
    return (await answer.json()) as Attachment;
  },
  attachmentBytes: (session, attachment) => commands.attachmentBytes(session, attachment),
  findFiles: (session, folder, words) => commands.findFiles(session ?? null, folder ?? null, words),
  usage: (by, days) => commands.usage(by, days),
  giveKey: (provider, key) => commands.giveKey(provider, key),
  removeKey: (provider) => done(commands.removeKey(provider)),
  testProvider: (provider) => commands.testProvider(provider),
  config: () => commands.config(),
  setConfig: (key, value) => commands.setConfig(key, value),
  setPaused: (paused) => commands.setPaused(paused),
  pullModel: (name, onPull) => {
    const channel = new Channel<Pull>();
    channel.onmessage = onPull;
    return done(commands.pullModel(name, channel));
  },
  pulls: () => commands.pulls(),
  discardPull: (name) => done(commands.discardPull(name)),
  cancelPull: (name) => done(commands.cancelPull(name)),
  removeModel: (name) => done(commands.removeModel(name)),
  defaultModel: (id) => done(commands.defaultModel(id)),
  shell: () => commands.shell(),
  setShell: (change) => commands.setShell(change),
  openLink: (url) => done(commands.openLink(url)),
  showMain: (session) => done(commands.showMain(session)),
  hideQuick: () => done(commands.hideQuick()),
  resizeQuick: (height) => done(commands.resizeQuick(height)),
  quickToMain: (session) => done(commands.quickToMain(session)),
  quickText: (id) => commands.quickText(id),
  quit: () => done(commands.quit()),
  onConnection: (told) => events.connectionChanged.listen(({ payload }) => told(payload)),
  onFocusSession: (told) => events.focusSession.listen(({ payload }) => told(payload.session)),
  onNotTold: (told) => events.notTold.listen(() => told()),
  onShellChanged: (told) => events.shellChanged.listen(() => told()),
  onQuickShown: (told) => events.quickShown.listen(({ payload }) => told(payload)),
};
