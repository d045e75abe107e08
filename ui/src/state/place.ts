/**
 * Where the person is in the window.
 *
 * It also stands behind the # of the page's address: a page that begins anew, after a crash say, begins there.
 */
import { createStore } from "./store";

export const TOPICS = ["general", "models", "providers", "tools", "limits", "advanced"] as const;
export type Topic = (typeof TOPICS)[number];

export type Place =
  | { name: "new" }
  | { name: "session"; id: string; item?: string }
  | { name: "settings"; topic: Topic }
  | { name: "monitor" }
  | { name: "usage" }
  | { name: "first" };

/** The place as it stands behind the #. A passage that was searched for is not part of it. */
export function addressOf(place: Place): string {
  switch (place.name) {
    case "session":
      return `session/${place.id}`;
    case "settings":
      return `settings/${place.topic}`;
    case "monitor":
    case "usage":
      return place.name;
    default:
      return "";
  }
}

/** The place of such an address; what is none of ours is where every window begins. */
export function placeAt(address: string): Place {
  const [name, rest] = address.replace(/^#/, "").split("/");
  if (name === "session" && rest && /^[0-9A-Za-z_-]+$/.test(rest)) return { name, id: rest };
  const topic = TOPICS.find((one) => one === rest);
  if (name === "settings" && topic) return { name, topic };
  return name === "monitor" || name === "usage" ? { name } : { name: "new" };
}

/** Who leads there, in a page that has no such places itself. */
let elsewhere: ((to: Place) => void) | undefined;

export function goElsewhere(lead: (to: Place) => void): void {
  elsewhere = lead;
}

export const place = createStore<Place>(placeAt(globalThis.location?.hash ?? ""));

/** Where a message could be written last. */
let talk: Place = { name: "new" };

function noteTalk(): void {
  const now = place.get();
  if (now.name === "new") talk = now;
  if (now.name === "session") talk = { name: "session", id: now.id };
}
noteTalk();
place.subscribe(noteTalk);

export const lastTalk = (): Place => talk;

export function go(to: Place): void {
  if (elsewhere) {
    elsewhere(to);
    return;
  }
  place.set(to);
  const address = `#${addressOf(to)}`;
  if (location.hash === address || (address === "#" && location.hash === "")) return;
  try {
    history.replaceState(null, "", address);
  } catch {
    // Engines allow so many in a while; the next one says where the person is.
  }
}
