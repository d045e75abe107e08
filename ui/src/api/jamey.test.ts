import { expect, it } from "vitest";
import { asError } from "./jamey";

it("takes an error of the runtime as it is", () => {
  const error = { code: "not_found", message: "there is no such session", hint: null, retryable: false };
  expect(asError(error)).toBe(error);
});

it("takes nothing that the engine threw for an error of the runtime", () => {
  const thrown = asError(new DOMException("The requested file could not be read", "NotReadableError"));
  expect(thrown).toEqual({
    code: "internal",
    message: "The requested file could not be read",
    hint: null,
    retryable: false,
  });
});
