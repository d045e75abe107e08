/** What keys that are pressed together are called, as the shell reads it: `Ctrl+Alt+Z`. */
import { isMac } from "../palette/keys";

/** The part of a key's event that counts. */
export type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "altKey" | "shiftKey" | "metaKey">;

export type Chord =
  | { kind: "chord"; chord: string }
  /** Only keys that are held down with another one. */
  | { kind: "held" }
  /** It could not be typed any more. */
  | { kind: "bare" }
  /** A key that cannot be one. */
  | { kind: "unfit" }
  /** Every program has it for itself, such as to copy; taken by the hotkey it would be gone from all of them. */
  | { kind: "everywhere" };

const EVERYWHERE = ["C", "V", "X", "A", "Z", "S"];
const HELD = ["Control", "Alt", "AltGraph", "Shift", "Meta", "OS", "CapsLock", "Fn"];

/** The letter on the key, which is what the system looks for; its place where the letter is no plain one. */
function nameOf({ key, code }: Pressed): string | undefined {
  if (/^[a-z0-9]$/i.test(key)) return key.toUpperCase();
  if (/^(F\d{1,2}|Space|Enter)$/.test(code)) return code;
  if (code === "NumpadEnter") return "Enter";
  return /^(?:Key|Digit)(.)$/.exec(code)?.[1];
}

/** `mod` is the key that programs of this system are commanded with. */
export function chordOf(pressed: Pressed, mod: "ctrlKey" | "metaKey" = isMac ? "metaKey" : "ctrlKey"): Chord {
  if (HELD.includes(pressed.key)) return { kind: "held" };
  const name = nameOf(pressed);
  if (!name) return { kind: "unfit" };
  const { ctrlKey, altKey, shiftKey, metaKey } = pressed;
  if (!ctrlKey && !altKey && !metaKey && !/^F\d/.test(name)) return { kind: "bare" };
  const isPlain = pressed[mod] && !altKey && !shiftKey && ctrlKey !== metaKey;
  if (isPlain && EVERYWHERE.includes(name)) return { kind: "everywhere" };
  const held = [ctrlKey && "Ctrl", altKey && "Alt", shiftKey && "Shift", metaKey && "Super"];
  return { kind: "chord", chord: [...held.filter((one) => one !== false), name].join("+") };
}
