/** Where words are written, for what leads there from a page that has no field for them. */
import { lastTalk, type Place, place } from "./place";
import { isAway } from "./sessions";

/** Where the person wrote last; where a session begins, if that one is gone. */
export function writingPlace(): Place {
  const last = lastTalk();
  const now = place.get();
  // A session on the page that has no field is one that is gone.
  const isGone = last.name === "session" && (isAway(last.id) || (now.name === "session" && now.id === last.id));
  return isGone ? { name: "new" } : last;
}
