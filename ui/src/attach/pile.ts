/** The files that go along with the next message of each draft: checked, sent to the runtime, kept with the draft. */
import { asError, jamey } from "../api";
import type { ApiError, Attachment } from "../generated/bindings";
import { newId } from "../session/ids";
import type { Leaving } from "../state/drafts";
import { createStore } from "../state/store";
import { text } from "../text";
import { harmless, isPicture } from "./check";
import { dropFile, filesOf, keepFile } from "./kept";

export type Held = {
  key: string;
  name: string;
  bytes: number;
  isPicture: boolean;
  /** Absent once only the runtime has it. */
  file?: File;
  state: "waiting" | "sending" | "here" | "failed";
  /** There was no room to keep it: until the session has it, it ends with the window. */
  isUnkept?: boolean;
  attachment?: Attachment;
  /** The session that has it; another one does not. */
  session?: string;
  error?: ApiError;
};

export const pile = createStore<Readonly<Record<string, readonly Held[]>>>({});
export const NONE: readonly Held[] = [];
const STORED = "jamey.attached.";
const sending = new Map<string, Promise<void>>();
const read = new Set<string>();
/** Files whose message is being sent. */
const leaving = new Map<string, readonly Held[]>();

export const heldOf = (draft: string): readonly Held[] => pile.get()[draft] ?? NONE;

function set(draft: string, next: readonly Held[]): void {
  pile.update((now) => ({ ...now, [draft]: next }));
  // A draft of no session yet goes to whichever is made for it: its files are kept, not their names there.
  const all = [...(leaving.get(draft) ?? []), ...next];
  const here = all.flatMap((one) => (one.session === draft && one.attachment ? [one.attachment] : []));
  try {
    if (here.length > 0) localStorage.setItem(STORED + draft, JSON.stringify(here));
    else localStorage.removeItem(STORED + draft);
  } catch {
    // They hold for this window.
  }
}

function change(draft: string, key: string, to: Partial<Held>): void {
  set(
    draft,
    heldOf(draft).map((one) => (one.key === key ? { ...one, ...to } : one)),
  );
}

const fromFile = (key: string, file: File): Held => ({
  key,
  name: harmless(file.name),
  bytes: file.size,
  isPicture: isPicture(file.type),
  file,
  state: "waiting",
});

const fromAttachment = (attachment: Attachment, session: string): Held => ({
  key: attachment.id,
  name: attachment.name,
  bytes: attachment.bytes,
  isPicture: isPicture(attachment.mediaType),
  state: "here",
  attachment,
  session,
});

function stored(draft: string): Attachment[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED + draft) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** Brings back what an earlier window left with a draft. */
export async function bring(draft: string): Promise<void> {
  if (read.has(draft)) return;
  read.add(draft);
  const here = stored(draft).map((attachment) => fromAttachment(attachment, draft));
  if (here.length > 0) set(draft, [...here, ...heldOf(draft)]);
  const files = await filesOf(draft);
  const known = [...(leaving.get(draft) ?? []), ...heldOf(draft)];
  const fresh = files.filter((kept) => known.every((one) => one.key !== kept.key));
  if (fresh.length > 0) set(draft, [...heldOf(draft), ...fresh.map((kept) => fromFile(kept.key, kept.file))]);
}

/**
 * Adds files that were found good; those of a session go to the runtime at once, so that it can say no early. Done
 * when they are kept.
 */
export async function add(draft: string, files: readonly File[], session?: string): Promise<void> {
  const fresh = files.map((file) => fromFile(newId(), file));
  set(draft, [...heldOf(draft), ...fresh]);
  if (session) for (const one of fresh) void send(draft, session, one.key);
  await Promise.all(fresh.map(({ key, file }) => file && keep(draft, key, file)));
}

async function keep(draft: string, key: string, file: File): Promise<void> {
  if (!(await keepFile({ key, draft, file }))) change(draft, key, { isUnkept: true });
}

export function remove(draft: string, key: string): void {
  set(
    draft,
    heldOf(draft).filter((one) => one.key !== key),
  );
  void dropFile(key);
}

/** Takes everything off a draft while it is sent; what is kept of it goes when the runtime has it. */
export function sendFiles(draft: string): Leaving {
  const held = heldOf(draft);
  const others = () => (leaving.get(draft) ?? []).filter((one) => !held.includes(one));
  leaving.set(draft, [...others(), ...held]);
  set(draft, NONE);
  return {
    done: () => {
      leaving.set(draft, others());
      set(draft, heldOf(draft));
      for (const one of held) void dropFile(one.key);
    },
    back: () => {
      leaving.set(draft, others());
      set(draft, [...held, ...heldOf(draft)]);
    },
  };
}

/** Forgets what a draft held, also what an earlier window left: its session is deleted. */
export async function forget(draft: string): Promise<void> {
  await bring(draft);
  sendFiles(draft).done();
}

/** Takes over to another draft what the webview itself has of one, and forgets the rest. */
export async function handOver(from: string, to: string): Promise<void> {
  await add(
    to,
    heldOf(from).flatMap((one) => one.file ?? []),
  );
  await forget(from);
}

/** The bytes of a file. The engine gives only those that were there when it was added. */
async function contents(file: File, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    const { changed, changedHint } = text().attach;
    const error: ApiError = { code: "bad_request", message: changed(name), hint: changedHint, retryable: false };
    throw error;
  }
}

/** Sends one to the runtime; what came of it is in its state. */
function send(draft: string, session: string, key: string): Promise<void> {
  const running = sending.get(key);
  if (running) return running;
  const one = heldOf(draft).find((held) => held.key === key);
  if (!one?.file || (one.attachment && one.session === session)) return Promise.resolve();
  const { file, name } = one;
  change(draft, key, { state: "sending" });
  const run = async () => {
    try {
      const attachment = await jamey().uploadAttachment(session, name, await contents(file, name));
      change(draft, key, { state: "here", attachment, session, isPicture: isPicture(attachment.mediaType) });
      if (session === draft) void dropFile(key);
    } catch (thrown) {
      change(draft, key, { state: "failed", error: asError(thrown) });
    }
  };
  const all = run().finally(() => sending.delete(key));
  sending.set(key, all);
  return all;
}

/** What a text that goes along says. */
export async function wordsOf({ file, session, attachment }: Held): Promise<string> {
  if (file) return file.text();
  if (!session || !attachment) return "";
  return new TextDecoder().decode(await jamey().attachmentBytes(session, attachment.id));
}

/** Drafts whose files are waited for, so that they can be sent. A person may be with another one meanwhile. */
export const settling = createStore<ReadonlySet<string>>(new Set());

/**
 * Sees that the runtime has every file of a draft, in the session that `prepare` gives; throws what stands against the
 * first that it has not.
 */
export async function settle(draft: string, prepare: () => Promise<string>): Promise<Attachment[]> {
  settling.update((now) => new Set([...now, draft]));
  try {
    const session = await prepare();
    // More may be dropped while those before are waited for.
    const asked = new Set<string>();
    for (;;) {
      const fresh = heldOf(draft).filter((one) => !asked.has(one.key));
      if (fresh.length === 0) break;
      for (const one of fresh) asked.add(one.key);
      await Promise.all(fresh.map((one) => send(draft, session, one.key)));
    }
    return heldOf(draft).flatMap((one) => {
      if (one.state === "failed" && one.error) throw one.error;
      return one.attachment && one.session === session ? one.attachment : [];
    });
  } finally {
    settling.update((now) => new Set([...now].filter((one) => one !== draft)));
  }
}
