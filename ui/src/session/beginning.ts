/** A long session opens at its end, as fast as a short one; its beginning follows when that is on the page. */
import { jamey, type Stop } from "../api";
import type { ApiError, Event, Session } from "../generated/bindings";
import { apply } from "./apply";
import { emptyView, type SessionView } from "./view";

/** Events up to which a session comes in one piece. */
const SHORT = 1_000;
/** Events that come first of a longer one: some pages of it. */
const END = 400;

/** Where a session was cut in two. */
export type Cut = {
  id: string;
  /** The last event of the beginning. */
  seq: number;
  /** What came since, to be folded in again behind the beginning. */
  end: Event[];
  /** Gives up waiting for the beginning. */
  stop: Stop;
};

/**
 * Where to cut a session; nowhere when it is short, or when something runs in it: what that needs may have begun at any
 * place before.
 */
export function cutOf({ id, head, status }: Session): Cut | undefined {
  return head > SHORT && status === "idle" ? { id, seq: head - END, end: [], stop: () => {} } : undefined;
}

/**
 * Folds what lies before the cut, piece by piece as it comes, and gives it when it is whole, or tells what stood against
 * it.
 */
export async function fetchBeginning(
  cut: Cut,
  done: (beginning: SessionView) => void,
  failed: (error: ApiError) => void,
): Promise<void> {
  let view = emptyView(cut.id);
  let isOver = false;
  const over = () => {
    isOver = true;
    unfollow?.();
  };
  cut.stop = over;
  let unfollow: Stop | undefined;
  unfollow = await jamey().follow(cut.id, 0, (batch) => {
    // With an error it was the last one.
    const { events, error } = batch;
    if (isOver) return;
    // What is beyond the cut is here already, and its pieces that are not kept would be doubled.
    const beyond = events.findIndex((event) => typeof event.seq !== "number" || event.seq > cut.seq);
    view = apply(view, beyond < 0 ? events : events.slice(0, beyond));
    if (view.seq < cut.seq && !error) return;
    over();
    if (view.seq >= cut.seq) done(view);
    else if (error) failed(error);
  });
  if (isOver) unfollow();
}
