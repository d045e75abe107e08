/** The shortcuts, written once: what is listened for is what is shown. */
export const isMac = typeof navigator !== "undefined" && /mac/i.test(navigator.platform);

/** As it is drawn on the key. */
const RETURN = isMac ? "↩" : "↵";

export type Shortcut = { key: string; mod: boolean; shift: boolean; shown: string };

function shortcut(key: string, shift = false, name = key.toUpperCase()): Shortcut {
  const shown = isMac ? `${shift ? "⇧" : ""}⌘${name}` : `Ctrl+${shift ? "Shift+" : ""}${name}`;
  return { key, mod: true, shift, shown };
}

export const KEYS = {
  palette: shortcut("k"),
  newSession: shortcut("n"),
  search: shortcut("f", true),
  sidebar: shortcut("b"),
  focus: shortcut("l"),
  attach: shortcut("o", true),
  settings: shortcut(",", false, ","),
  monitor: shortcut("m", true),
  usage: shortcut("e", true),
  copyLast: shortcut("c", true),
  model: shortcut("p", true),
  approval: shortcut("a", true),
  pin: shortcut("d"),
  undo: shortcut("z"),
  next: { key: "ArrowDown", mod: true, shift: false, shown: isMac ? "⌘↓" : "Ctrl+↓" },
  previous: { key: "ArrowUp", mod: true, shift: false, shown: isMac ? "⌘↑" : "Ctrl+↑" },
  larger: { key: "+", mod: true, shift: false, shown: isMac ? "⌘+" : "Ctrl++" },
  smaller: { key: "-", mod: true, shift: false, shown: isMac ? "⌘−" : "Ctrl+−" },
  normal: { key: "0", mod: true, shift: false, shown: isMac ? "⌘0" : "Ctrl+0" },
  quit: shortcut("q"),
  stop: { key: "Escape", mod: false, shift: false, shown: "Esc" },
  /** In the quick prompt, which Esc hides. */
  stopQuick: shortcut("."),
  hide: { key: "Escape", mod: false, shift: false, shown: "Esc" },
  ask: { key: "Enter", mod: false, shift: false, shown: RETURN },
  toWindow: shortcut("Enter", false, RETURN),
} satisfies Record<string, Shortcut>;

export function pressed(event: KeyboardEvent, wanted: Shortcut): boolean {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const same = key === wanted.key || (wanted.key === "+" && key === "=");
  return same && mod === wanted.mod && !event.altKey && (event.shiftKey === wanted.shift || wanted.key === "+");
}
