/** What was typed and is not with the runtime yet, for each session; it outlives the window. */
import { createStore, usePart } from "./store";

const DRAFT = "jamey.draft.";
/** Words that left the field and that the runtime has not taken yet. */
const LEAVING = "jamey.leaving.";
/** When they did, in milliseconds since 1970. */
const LEFT_AT = "jamey.left-at.";

/** What a full or missing storage did not take; it holds for this window. */
const unkept = createStore<ReadonlyMap<string, string>>(new Map());

/** Whether a draft ends with this window. */
export const useUnkept = (session: string): boolean => usePart(unkept, (all) => all.has(DRAFT + session));

function hold(key: string, text: string | undefined): void {
  if (text === undefined && !unkept.get().has(key)) return;
  const others = [...unkept.get()].filter(([one]) => one !== key);
  unkept.set(new Map(text === undefined ? others : [...others, [key, text]]));
}

function read(key: string): string {
  try {
    return unkept.get().get(key) ?? localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    hold(key, undefined);
  } catch {
    hold(key, text);
  }
}

const joined = (...parts: readonly string[]) => parts.filter((part) => part !== "").join("\n\n");

/** Those that this window sends now; others were left by a window that ended before it knew. */
const leaving = new Map<string, string[]>();
const told = new Map<string, Set<(draft: string) => void>>();

/** What an earlier window sent without hearing what came of it, and when, by session. It is in the draft again. */
const restored = new Map<string, { words: string; at: number }>();

export function draftOf(session: string): string {
  const left = leaving.has(session) ? "" : read(LEAVING + session);
  if (left !== "") {
    restored.set(session, { words: left.trim(), at: Number(read(LEFT_AT + session)) });
    keepDraft(session, joined(left, read(DRAFT + session)));
    write(LEAVING + session, "");
    write(LEFT_AT + session, "");
  }
  return read(DRAFT + session);
}

export function keepDraft(session: string, text: string): void {
  write(DRAFT + session, text);
}

/** Forgets all of a session that was deleted. */
export function forgetDraft(session: string): void {
  write(DRAFT + session, "");
  write(LEAVING + session, "");
  write(LEFT_AT + session, "");
}

/** Adds words to a draft that another window may show; it hears of them. */
export function addToDraft(session: string, words: string): void {
  keepDraft(session, joined(read(DRAFT + session), words));
}

export type Leaving = {
  /** The runtime has the words. */
  done: () => void;
  /** It has not: they are before whatever was typed since. */
  back: () => void;
};

/** Puts another draft in the place of one, also in the field that shows it. */
function replace(session: string, draft: string): void {
  keepDraft(session, draft);
  for (const tell of told.get(session) ?? []) tell(draft);
}

/** A draft without those words. What came to them meanwhile, from another window or of words that came back, stays. */
function without(draft: string, words: string): string {
  const at = draft.startsWith(words) ? 0 : draft.lastIndexOf(words);
  if (at < 0) return draft;
  return joined(draft.slice(0, at).trim(), draft.slice(at + words.length).trim());
}

/** Takes the words of a draft out of it while they are sent, and keeps them until it is known what came of that. */
export function sendDraft(session: string, words: string): Leaving {
  const all = leaving.get(session) ?? [];
  leaving.set(session, all);
  all.push(words);
  const keep = () => {
    write(LEAVING + session, joined(...all));
    if (all.length === 0) write(LEFT_AT + session, "");
  };
  write(LEFT_AT + session, String(Date.now()));
  keep();
  replace(session, without(read(DRAFT + session), words));
  const leave = () => {
    const at = all.indexOf(words);
    if (at >= 0) all.splice(at, 1);
    keep();
    if (all.length === 0) leaving.delete(session);
  };
  return {
    done: leave,
    back: () => {
      const draft = joined(words, read(DRAFT + session));
      replace(session, draft);
      leave();
    },
  };
}

/**
 * Takes those words out of a draft again if they arrived after all: then they are what was said last, and not before
 * they left. They hold once, since what is said later says nothing about them.
 */
export function arrived(session: string, said: { text: string; at: number }): void {
  const left = restored.get(session);
  restored.delete(session);
  if (left?.words === said.text.trim() && said.at >= left.at)
    replace(session, without(read(DRAFT + session), left.words));
}

/** Tells each time a draft changes by something else than typing here. */
export function onDraft(session: string, tell: (draft: string) => void): () => void {
  const all = told.get(session) ?? new Set();
  told.set(session, all);
  all.add(tell);
  return () => {
    all.delete(tell);
    if (all.size === 0) told.delete(session);
  };
}

/** Hears of drafts that the other window hands over; `tell` learns whose they are. */
export function beginDrafts(tell: (session: string) => unknown): void {
  addEventListener("storage", ({ key, newValue }) => {
    if (!key?.startsWith(DRAFT) || newValue === null) return;
    const session = key.slice(DRAFT.length);
    tell(session);
    for (const one of told.get(session) ?? []) one(newValue);
  });
}
