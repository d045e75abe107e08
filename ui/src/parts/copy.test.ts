import { expect, it, vi } from "vitest";
import { copyText } from "./buttons";

it("what is copied is what is read, whoever copies it", async () => {
  const writeText = vi.fn(async () => {});
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  await copyText("ls \u001b[2J\u202e-la\u202c\r\n");
  expect(writeText).toHaveBeenCalledWith("ls -la\n");
});
