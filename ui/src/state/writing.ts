/** Where words are written, for what leads there from a page that has no field for them. */
import { type Place, place } from "./place";
import { sessions } from "./sessions";

/** The session that was looked at last, unless that was where one begins. */
let last: string | undefined;

function note(): void {
  const now = place.get();
  if (now.name === "session") last = now.id;
  else if (now.name === "new") last = undefined;
}
note();
place.subscribe(note);

/** The session that was looked at last, as long as there is one; else the page where one begins. */
export function writingPlace(): Place {
  const session = sessions.get().list.find(({ id }) => id === last);
  return session ? { name: "session", id: session.id } : { name: "new" };
}
