/**
 * The session that is made for the first words of the next one. When they could not be sent it serves the next try, and
 * is in no list meanwhile; when something else is wished for it is deleted.
 */
import { asError, jamey } from "../api";
import type { NewSession, Session } from "../generated/bindings";
import { place } from "./place";
import { hide, show } from "./sessions";

type Made = {
  wish: string;
  session: Promise<Session>;
  /** Words that are on their way to it. */
  tries: number;
  /** It is in no list. */
  isHidden: boolean;
  /** It was left after a try, so another face may have come upon it. */
  isLeft: boolean;
};

let made: Made | undefined;

/** The one for a wish. */
function fitting(wish: NewSession): Made {
  const key = JSON.stringify(wish);
  if (made?.wish === key) {
    if (made.isLeft) made.session = unlessUsed(made.session, wish);
    made.isLeft = false;
    return made;
  }
  if (made) void discard(made);
  made = { wish: key, session: jamey().createSession(wish), tries: 0, isHidden: false, isLeft: false };
  return made;
}

/** As it was made, if nobody used or deleted it meanwhile; else another one. */
async function unlessUsed(before: Promise<Session>, wish: NewSession): Promise<Session> {
  const session = await before;
  return (await isUnused(session)) ? session : jamey().createSession(wish);
}

/** Whether it is as it was made. One that another face uses is in the list again. */
async function isUnused({ id, head }: Session): Promise<boolean> {
  try {
    const now = await jamey().session(id);
    if (now.head !== head) show(now);
    return now.head === head;
  } catch (thrown) {
    if (asError(thrown).code === "not_found") return false;
    throw thrown;
  }
}

/** Deletes one that nobody asked anything; where that fails it is one session too many. */
async function discard(one: Made): Promise<void> {
  if (made === one) made = undefined;
  if (one.tries > 0) return;
  try {
    const session = await one.session;
    if (await isUnused(session)) await jamey().deleteSession(session.id);
  } catch {
    // Nobody waits for this.
  }
}

/** Gives the session that the next words with this wish go to. */
export async function sessionFor(wish: NewSession): Promise<Session> {
  const one = fitting(wish);
  try {
    const session = await one.session;
    if (made === one && one.tries === 0) put(one, session);
    return session;
  } catch (thrown) {
    if (made === one) made = undefined;
    throw thrown;
  }
}

/** Takes it out of the list until words go to it. */
function put(one: Made, session: Session): void {
  hide(session.id);
  one.isHidden = true;
}

/** Does something with the session for a wish; once that is done it is a session as any other. */
export async function inSession(wish: NewSession, use: (session: Session) => Promise<void>): Promise<void> {
  const one = fitting(wish);
  one.tries++;
  let session: Session | undefined;
  try {
    session = await one.session;
    if (one.isHidden) show(session);
    one.isHidden = false;
    await use(session);
    if (made === one) made = undefined;
  } catch (thrown) {
    one.tries--;
    if (!session && made === one) made = undefined;
    else if (session && one.tries === 0) leave(one, session);
    throw thrown;
  }
}

function leave(one: Made, session: Session): void {
  const here = place.get();
  // The person is in it already, and goes on there.
  if (here.name === "session" && here.id === session.id) {
    if (made === one) made = undefined;
  } else if (made === one) {
    one.isLeft = true;
    put(one, session);
  } else void discard(one);
}
