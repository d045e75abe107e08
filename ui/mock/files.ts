/** Files that are given along, and files that are found, in the scripted runtime. */
import type { ApiError, Attachment, FoundFile } from "../src/generated/bindings";
import { newId } from "../src/session/ids";

const TREE = [
  "Cargo.toml",
  "README.md",
  "docs/",
  "docs/architecture.md",
  "docs/style.md",
  "docs/performance notes.md",
  "src/",
  "src/main.rs",
  "src/turn/",
  "src/turn/begin.rs",
  "src/turn/failure.rs",
  "src/session/fold.rs",
  "src/session/mod.rs",
  "tests/begin.rs",
];

export function found(words: string): FoundFile[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  return TREE.filter((path) => parts.every((part) => path.toLowerCase().includes(part)))
    .slice(0, 20)
    .map((path) => ({ path: path.replace(/\/$/, ""), isFolder: path.endsWith("/") }));
}

const SIGNS: [string, number[]][] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46]],
];

/** What the bytes are; anything that is neither a picture nor text is refused, as the runtime does. */
function typeOf(name: string, bytes: Uint8Array): string {
  const known = SIGNS.find(([, sign]) => sign.every((byte, at) => bytes[at] === byte));
  if (known) return known[0];
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const error: ApiError = {
      code: "bad_request",
      message: `${name} is neither a picture nor text`,
      hint: "give a PNG, JPEG, WebP or GIF picture, or a text file",
    };
    throw error;
  }
  return "text/plain";
}

export class Shelf {
  private readonly all = new Map<string, { about: Attachment; bytes: Uint8Array }>();

  put(name: string, bytes: Uint8Array): Attachment {
    const about = { id: newId(), name, mediaType: typeOf(name, bytes), bytes: bytes.length };
    this.all.set(about.id, { about, bytes });
    return about;
  }

  of(ids: readonly string[]): Attachment[] {
    return ids.flatMap((id) => this.all.get(id)?.about ?? []);
  }

  bytes(id: string): ArrayBuffer {
    const one = this.all.get(id);
    if (!one) throw { code: "not_found", message: "there is no such file", retryable: false } as ApiError;
    return one.bytes.slice().buffer;
  }
}
