/** Sessions by the day they were last used, or by their folder. */
import type { Session } from "../generated/bindings";

export type GroupName = "pinned" | "today" | "yesterday" | "week" | "month" | "older";
export type Group = { name: GroupName; sessions: Session[] };
export type Grouping = "day" | "folder";
/** Sessions that work in one folder; what is pinned comes first and has none. */
export type FolderGroup = { folder: string | undefined; sessions: Session[] };

/** Sessions of which every pinned one is shown, and of the others the newest. */
export function shownOf(list: readonly Session[], pinned: readonly string[], most: number) {
  let others = 0;
  const shown = list.filter((session) => pinned.includes(session.id) || others++ < most);
  return { list: shown, isAll: others <= most };
}

/** The pins after one more was set, or taken away. */
export function toggled(pinned: readonly string[], id: string): string[] {
  return pinned.includes(id) ? pinned.filter((one) => one !== id) : [...pinned, id];
}

export function groupsOf(list: readonly Session[], pinned: readonly string[], now = Date.now()): Group[] {
  // By the calendar, since a day may have 23 hours or 25.
  const midnight = (ago: number) => {
    const day = new Date(now);
    return new Date(day.getFullYear(), day.getMonth(), day.getDate() - ago).getTime();
  };
  const [today, yesterday, week, month] = [midnight(0), midnight(1), midnight(7), midnight(30)];
  const nameOf = (session: Session): GroupName => {
    if (pinned.includes(session.id)) return "pinned";
    if (session.updatedAt >= today) return "today";
    if (session.updatedAt >= yesterday) return "yesterday";
    if (session.updatedAt >= week) return "week";
    return session.updatedAt >= month ? "month" : "older";
  };
  const order: GroupName[] = ["pinned", "today", "yesterday", "week", "month", "older"];
  const groups = new Map<GroupName, Session[]>(order.map((name) => [name, []]));
  for (const session of list) groups.get(nameOf(session))?.push(session);
  return order.flatMap((name) => {
    const sessions = groups.get(name) ?? [];
    return sessions.length > 0 ? [{ name, sessions }] : [];
  });
}

/** The folder that was used last comes first, as the list does. */
export function foldersOf(list: readonly Session[], pinned: readonly string[]): FolderGroup[] {
  const groups = new Map<string | undefined, Session[]>([[undefined, []]]);
  for (const session of list) {
    const folder = pinned.includes(session.id) ? undefined : session.cwd;
    const group = groups.get(folder);
    if (group) group.push(session);
    else groups.set(folder, [session]);
  }
  return [...groups].filter(([, sessions]) => sessions.length > 0).map(([folder, sessions]) => ({ folder, sessions }));
}

/** Sessions in the order in which the list shows them. */
export function orderOf(list: readonly Session[], pinned: readonly string[], grouping: Grouping): Session[] {
  const groups = grouping === "day" ? groupsOf(list, pinned) : foldersOf(list, pinned);
  return groups.flatMap((group) => group.sessions);
}

/** The last part of a path, as a folder is called. */
export function folderName(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== "");
  return parts.at(-1) ?? path;
}
