import { beforeEach, expect, it, vi } from "vitest";
import { add, forget, handOver, heldOf, pile, settle, wordsOf } from "./pile";

const sent = vi.hoisted(() => vi.fn());
vi.mock("../api", async (whole) => ({
  ...(await whole<typeof import("../api")>()),
  jamey: () => ({
    uploadAttachment: sent,
    attachmentBytes: async (session: string, id: string) => new TextEncoder().encode(`${id} of ${session}`).buffer,
  }),
}));

// Without a place to keep them files hold for this window, which is all that is asked here.
beforeEach(() => {
  vi.stubGlobal("localStorage", undefined);
  vi.stubGlobal("indexedDB", undefined);
  pile.set({});
});

const file = (name: string) => new File(["beans"], name, { type: "text/plain" });
const names = (draft: string) => heldOf(draft).map((one) => one.name);

it("Files are handed over to another draft behind those that it has, without what only a session had", async () => {
  await add("new", [file("a.txt")]);
  await add("gone", [file("b.txt"), file("c.txt")]);
  const [first, ...rest] = heldOf("gone");
  const { file: _, ...elsewhere } = first!;
  pile.update((now) => ({ ...now, gone: [elsewhere, ...rest] }));
  await handOver("gone", "new");
  expect(names("new")).toEqual(["a.txt", "c.txt"]);
  expect(heldOf("new").map((one) => one.state)).toEqual(["waiting", "waiting"]);
  expect(names("gone")).toEqual([]);
});

it("What is forgotten is gone", async () => {
  await add("gone", [file("b.txt")]);
  await forget("gone");
  expect(names("gone")).toEqual([]);
});

const here = (name: string) => ({ id: name, name, mediaType: "text/plain", bytes: 1 });

it("a file that changed or is gone says so in the person's words", async () => {
  const file = new File(["x"], "notes.md");
  file.arrayBuffer = () => Promise.reject(new DOMException("A requested file could not be read", "NotReadableError"));
  add("gone", [file]);
  await expect(settle("gone", async () => "gone")).rejects.toMatchObject({
    message: "notes.md changed or is gone",
    hint: "Add it again or remove it.",
  });
  expect(heldOf("gone")[0]?.state).toBe("failed");
  expect(sent).not.toHaveBeenCalled();
});

it("a file with a name that only some systems allow arrives, and is called the same in the page", async () => {
  sent.mockImplementation(async (_, name: string) => here(name));
  add("odd", [new File(["x"], "a\\b\n.txt")]);
  await settle("odd", async () => "odd");
  expect(sent).toHaveBeenCalledWith("odd", "a_b_.txt", new Uint8Array([120]));
  expect(heldOf("odd")[0]?.name).toBe("a_b_.txt");
});

it("the words of a text are read from the file, and from the runtime in a window that has it no more", async () => {
  const held = { key: "1", name: "pasted.txt", bytes: 5, isPicture: false, state: "here" as const };
  expect(await wordsOf({ ...held, file: new File(["beans"], "pasted.txt") })).toBe("beans");
  expect(await wordsOf({ ...held, session: "garden", attachment: here("one") })).toBe("one of garden");
});

it("a file that there is no room to keep is known as one", async () => {
  add("full", [new File(["x"], "notes.md")]);
  await vi.waitFor(() => expect(heldOf("full")[0]?.isUnkept).toBe(true));
});
