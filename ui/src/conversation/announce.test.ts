import { describe, expect, test } from "vitest";
import type { Event, EventBody } from "../generated/bindings";
import { apply } from "../session/apply";
import { emptyView } from "../session/view";
import { en } from "../text/en";
import { Listener, sentenceEnd } from "./announce";

test("whole sentences are said and the rest waits", () => {
  const text = "It failed. The key was";
  expect(text.slice(0, sentenceEnd(text, 0))).toBe("It failed.");
  expect(sentenceEnd(text, "It failed.".length)).toBe("It failed.".length);
});

test("code waits until it is whole", () => {
  const text = "So:\n\n```sh\nmake. all. of. it.\n";
  expect(text.slice(0, sentenceEnd(text, 0))).toBe("So:\n\n");
});

test("words that form no sentence are said in stretches", () => {
  const text = "one two ".repeat(200);
  const end = sentenceEnd(text, 0);
  expect(end).toBe(text.trimEnd().length);
  const more = `${text}three four`;
  expect(sentenceEnd(more, end)).toBe(end);
});

describe("who listens to a session", () => {
  const ID = "s";
  let seq = 0;
  const event = (body: EventBody): Event => ({ session: ID, seq: ++seq, at: seq, turn: "t", body });
  const answer = (id: string, text: string, partial = false): EventBody => ({
    type: "itemCompleted",
    item: { id, turn: "t", step: 1, at: 1, body: { type: "agentMessage", text, model: "a/b", partial } },
  });
  const begun = (id: string): EventBody => ({
    type: "itemStarted",
    item: { id, turn: "t", step: 1, at: 1, body: { type: "agentMessage", text: "", model: "a/b" } },
  });
  const grown = (itemId: string, text: string): Event => ({
    session: ID,
    at: 1,
    body: { type: "itemDelta", itemId, delta: { type: "text", offset: 0, text } },
  });
  const notice = (level: "info" | "warn", text: string): EventBody => ({ type: "notice", level, text });
  const failed: EventBody = {
    type: "turnEnded",
    outcome: { type: "failed", error: { code: "provider", message: "openai is away", hint: "try again" } },
  };

  /** Hears a session from when these events were there. */
  function listening(...there: EventBody[]) {
    seq = 0;
    const listener = new Listener();
    let view = apply(emptyView(ID), there.map(event));
    expect(listener.news(view, en)).toEqual([]);
    const hear = (...events: (EventBody | Event)[]) => {
      view = apply(
        view,
        events.map((one) => ("session" in one && "body" in one ? one : event(one))),
      );
      return listener.news(view, en);
    };
    return { hear };
  }

  test("hears nothing of what was there, and every answer after it, also one that says the same", () => {
    const { hear } = listening(answer("a", "Yes."), failed);
    expect(hear(answer("b", "No."))).toEqual(["No.", "The answer is complete."]);
    expect(hear(answer("c", "No."))).toEqual(["No.", "The answer is complete."]);
    expect(hear()).toEqual([]);
  });

  test("hears an answer grow by sentences, also when something is said in between", () => {
    const { hear } = listening();
    expect(hear(begun("a"), grown("a", "One. Two"))).toEqual(["One."]);
    expect(hear(notice("warn", "asked again"))).toEqual(["asked again"]);
    expect(hear(answer("a", "One. Two. Three."))).toEqual(["Two. Three.", "The answer is complete."]);
  });

  test("hears why a turn failed or stopped, and that something was tried again", () => {
    const { hear } = listening(answer("a", "Yes."));
    expect(hear(notice("info", "looked"), notice("warn", "asked again after 7 seconds"))).toEqual([
      "asked again after 7 seconds",
    ]);
    expect(hear(failed)).toEqual(["The turn failed: openai is away. try again."]);
    const stopped: EventBody = { type: "turnEnded", outcome: { type: "interrupted", reason: "you stopped it" } };
    expect(hear(answer("b", "As I", true), stopped)).toEqual(["As I", "Stopped. you stopped it"]);
    expect(hear({ type: "turnEnded", outcome: { type: "completed" } })).toEqual([]);
  });

  test("hears nothing twice when the beginning of a long session comes before what is there", () => {
    seq = 0;
    const events = [answer("a", "One."), failed, answer("b", "Two.")].map(event);
    const listener = new Listener();
    listener.news(apply({ ...emptyView(ID), seq: 2 }, events.slice(2)), en);
    expect(listener.news(apply(emptyView(ID), events), en)).toEqual([]);
  });
});
