/** Sessions that are followed: the one on the page, and the few before it, so that going back is instant. */
import type { Event } from "../generated/bindings";
import { SessionStore } from "../session/store";
import { connection, onReady } from "./connection";

const KEPT = 4;
const open = new Map<string, SessionStore>();

export function followed(id: string): SessionStore {
  const known = open.get(id);
  if (known) {
    // The newest stands last.
    open.delete(id);
    open.set(id, known);
    return known;
  }
  const store = new SessionStore(id);
  open.set(id, store);
  if (connection.get().state === "ready") void store.open();
  for (const [old, idle] of open) {
    if (open.size <= KEPT || old === id) break;
    // Words that are on their way are shown nowhere else.
    if (idle.state.get().pending.length > 0) continue;
    idle.close();
    open.delete(old);
  }
  return store;
}

/** Tells the page of a session that it was deleted; who follows it alone does not hear of that. */
export function tellDeleted(event: Event): void {
  open.get(event.session)?.hear(event);
}

export function beginFollowing(): void {
  onReady(() => {
    for (const store of open.values()) void store.open();
  });
}
