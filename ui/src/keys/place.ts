/** Where a key is, in words. The runtime says `keychain`, `.env NAME` or `environment NAME`. */
import type { Text } from "../text/en";

export function placeOf(place: string, t: Text): string {
  const [where, name] = place.split(" ");
  if (where === "keychain") return t.keys.keychain;
  if (where === ".env" && name) return t.keys.file(name);
  if (where === "environment" && name) return t.keys.environment(name);
  return place;
}
