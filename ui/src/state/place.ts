/** Where the person is in the window. */
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

export const place = createStore<Place>({ name: "new" });

export function go(to: Place): void {
  place.set(to);
}
