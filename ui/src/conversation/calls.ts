/** A tool call in words, made from its accesses and arguments and never from the model's prose. */
import type { Access, ToolCall } from "../generated/bindings";
import type { IconName } from "../parts/icons";
import type { Text } from "../text/en";

export type Kind = "command" | "change" | "read" | "list" | "search" | "facts" | "other";

const KINDS: Record<string, Kind> = {
  shell_exec: "command",
  file_write: "change",
  file_read: "read",
  list_directory: "list",
  search_files: "search",
  system_info: "facts",
  system_monitor: "facts",
};

const ICONS: Record<Kind, IconName> = {
  command: "terminal",
  change: "fileEdit",
  read: "file",
  list: "folderOpen",
  search: "folderSearch",
  facts: "cpu",
  other: "tool",
};

export function kindOf(call: ToolCall): Kind {
  return KINDS[call.tool] ?? "other";
}

export function iconOf(call: ToolCall): IconName {
  return ICONS[kindOf(call)];
}

/** What it does, did, or, where nobody can say that it was done, was to do. */
export function verbOf(call: ToolCall, isRunning: boolean, t: Text): string {
  const verb = t.tool.verbs[call.tool] ?? t.tool.other;
  if (isRunning || call.status === "waiting") return verb.now;
  return call.status === "succeeded" || call.status === "failed" ? verb.done : verb.wanted;
}

/** A named argument, if it is text. */
export function argument(call: ToolCall, name: string): string | undefined {
  const { arguments: given } = call;
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  const value = given[name];
  return typeof value === "string" ? value : undefined;
}

/** A path as short as it can be said in a folder. */
export function within(path: string, cwd: string): string {
  for (const separator of ["/", "\\"]) {
    const folder = cwd.endsWith(separator) ? cwd : cwd + separator;
    if (path.startsWith(folder)) return path.slice(folder.length);
  }
  return path === cwd ? "." : path;
}

/** The home folder as people write it. */
export function tilde(path: string): string {
  return path.replace(/^(?:\/home\/[^/]+|\/Users\/[^/]+|[A-Z]:\\Users\\[^\\]+)(?=$|[/\\])/, "~");
}

/** What it is done to, in a few words. */
export function objectOf(call: ToolCall, cwd: string, t: Text): string {
  const kind = kindOf(call);
  if (kind === "facts") return t.tool.machine;
  if (kind === "search") return argument(call, "query") ?? "";
  const access: Access | undefined = call.accesses?.[0];
  if (access?.type === "run") return access.command;
  if (access?.type === "read" || access?.type === "write") return within(access.path, cwd);
  const command = argument(call, "command") ?? argument(call, "path");
  if (command) return command;
  if (kind !== "other") return "";
  return `${call.tool}${pairs(call)}`;
}

function pairs(call: ToolCall): string {
  const { arguments: given } = call;
  if (typeof given !== "object" || given === null || Array.isArray(given)) return "";
  const said = Object.entries(given).map(
    ([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return said.length > 0 ? ` ${said.join(", ")}` : "";
}
