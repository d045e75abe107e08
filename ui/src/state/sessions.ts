/** The list of sessions, alive: what any face does shows here. */
import { asError, jamey, type Stop } from "../api";
import type { ApiError, Event, Session } from "../generated/bindings";
import { text } from "../text";
import { config } from "./asked";
import { onReady } from "./connection";
import { tellDeleted } from "./open";
import { createStore } from "./store";
import { sayError } from "./toasts";

export type Sessions = {
  list: readonly Session[];
  loaded: boolean;
  /** The runtime has older ones that are not in it. */
  isCut?: boolean;
  error?: ApiError;
};

const PAGE = 500;
const MOST = 5000;

export const sessions = createStore<Sessions>({ list: [], loaded: false });
/** Turns that were heard to end, in whatever session. */
export const ended = createStore(0);
/** Sessions that are deleted as far as the person sees. */
const hidden = new Set<string>();
/** Those of which the runtime told that they are. */
const deleted = new Set<string>();
let stop: Stop | undefined;
/** What was told while the list is read. */
let heard: Set<string> | undefined;

function sorted(list: Session[]): Session[] {
  return list.sort((a, b) => b.updatedAt - a.updatedAt);
}

/** Reads the list, and follows what happens from then on. */
export async function readSessions(): Promise<void> {
  try {
    stop?.();
    // Followed first, so that nothing between the two is missed; what was heard meanwhile is newer than the list.
    heard = new Set();
    stop = await jamey().followAll((batch) => {
      fold(batch.events);
      const { error } = batch;
      // It ended for good; a runtime that is there anew is followed anew.
      if (error) sessions.update((now) => ({ ...now, error }));
    });
    const all: Session[] = [];
    let cursor: string | null = null;
    do {
      const page: { data: Session[]; next?: string | null } = await jamey().sessions(cursor, PAGE);
      all.push(...page.data);
      cursor = page.next ?? null;
    } while (cursor && all.length < MOST);
    const newer = sessions.get().list.filter((session) => heard?.has(session.id));
    const list = [...newer, ...all.filter((session) => !hidden.has(session.id) && !heard?.has(session.id))];
    heard = undefined;
    // One that a backup brought back is there again.
    for (const { id } of all) deleted.delete(id);
    sessions.set({ list: sorted(list), loaded: true, isCut: cursor !== null });
  } catch (thrown) {
    heard = undefined;
    sessions.update((now) => ({ ...now, loaded: true, error: asError(thrown) }));
  }
}

function statusAfter(event: Event): Session["status"] | undefined {
  switch (event.body.type) {
    case "turnStarted":
    case "approvalResolved":
      return "running";
    case "approvalRequested":
      return "waiting";
    case "turnEnded":
      return "idle";
    default:
      return undefined;
  }
}

function fold(events: readonly Event[]): void {
  const changed = new Map(sessions.get().list.map((session) => [session.id, session]));
  let any = false;
  for (const event of events) {
    if (event.body.type === "configChanged") {
      void config.again();
      continue;
    }
    if (event.body.type === "turnEnded") ended.update((n) => n + 1);
    const known = changed.get(event.session);
    if (event.body.type === "sessionDeleted") {
      any = changed.delete(event.session) || any;
      deleted.add(event.session);
      tellDeleted(event);
      heard?.add(event.session);
    } else if (event.body.type === "sessionUpdated") {
      if (hidden.has(event.session)) continue;
      changed.set(event.session, { ...known, ...event.body.session });
      heard?.add(event.session);
      any = true;
    } else if (known) {
      const status = statusAfter(event);
      if (!status) continue;
      changed.set(event.session, { ...known, status, updatedAt: Math.max(known.updatedAt, event.at) });
      any = true;
    }
  }
  if (any) sessions.update((now) => ({ ...now, list: sorted([...changed.values()]) }));
}

export function beginSessions(): void {
  onReady(() => void readSessions());
}

/** Adds a session that is not in the list yet: it was just made, or the list does not reach it. */
export function added(session: Session): void {
  sessions.update((now) => {
    if (isAway(session.id) || now.list.some((one) => one.id === session.id)) return now;
    return { ...now, list: sorted([session, ...now.list]) };
  });
}

/** Tells whether a session is deleted as far as the person sees. */
export function isAway(id: string): boolean {
  return hidden.has(id) || deleted.has(id);
}

/** Adds one that was opened from beyond the list: it can be renamed, pinned and deleted as any other. */
export async function reach(id: string): Promise<void> {
  added(await jamey().session(id));
}

/** Takes a session out of the list, whatever is heard of it. */
export function hide(id: string): void {
  hidden.add(id);
  sessions.update((now) => ({ ...now, list: now.list.filter((one) => one.id !== id) }));
}

/** Puts it in again. */
export function show(session: Session): void {
  hidden.delete(session.id);
  added(session);
}

export function titleOf(session: Partial<Pick<Session, "name" | "title">> | undefined): string {
  return session?.name || session?.title || text().sidebar.untitled;
}

const named = (id: string, name: string | null | undefined) =>
  sessions.update((now) => ({ ...now, list: now.list.map((one) => (one.id === id ? { ...one, name } : one)) }));

export async function rename(id: string, name: string): Promise<void> {
  const before = sessions.get().list.find((one) => one.id === id)?.name;
  named(id, name);
  try {
    await jamey().renameSession(id, name);
  } catch (thrown) {
    // All else in the list went on meanwhile; so may its name have, by another face.
    if (sessions.get().list.find((one) => one.id === id)?.name === name) named(id, before);
    sayError(text().sidebar.rename, asError(thrown));
  }
}
