import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../generated/bindings";
import type { Begun } from "../session/view";
import { TurnEnd } from "./TurnEnd";

const WORDS: Begun = { type: "words", text: "Where?", attachments: [] };
const FAILED: Outcome = { type: "failed", error: { code: "provider", message: "it broke off" } };

function drawn(outcome: Outcome, begun: Begun | undefined, more: { isLast?: boolean; answer?: string } = {}) {
  const { isLast = true, answer = "Three beds" } = more;
  const entry = { kind: "end", key: "e", turn: "t", outcome, at: 2, usage: { input: 900, output: 120 } } as const;
  const nothing = { model: undefined, retry: () => {}, modelItems: () => [] };
  const html = renderToStaticMarkup(
    <TurnEnd entry={entry} answer={answer} isLast={isLast} begun={begun} {...nothing} />,
  );
  return {
    html,
    again: html.includes('aria-label="Try again"') || html.includes(">Try again<"),
    withAnother: html.includes("Try again with another model"),
    copy: html.includes("Copy the answer"),
  };
}

describe("the end of a turn", () => {
  it("that went well offers to ask again, the last one alone, as icons", () => {
    expect(drawn({ type: "completed" }, WORDS)).toMatchObject({ again: true, withAnother: true, copy: true });
    expect(drawn({ type: "completed" }, WORDS).html).not.toContain(">Try again<");
    expect(drawn({ type: "completed" }, WORDS, { isLast: false })).toMatchObject({ again: false, copy: true });
    expect(drawn({ type: "completed" }, undefined)).toMatchObject({ again: false });
  });

  it("that summed up is begun again by the session's own model", () => {
    const summary: Begun = { type: "summary" };
    expect(drawn({ type: "interrupted", reason: "" }, summary)).toMatchObject({ again: true, withAnother: false });
    expect(drawn(FAILED, summary)).toMatchObject({ again: true, withAnother: false });
  });

  it("that failed tells what was used and gives what was said", () => {
    expect(drawn(FAILED, WORDS)).toMatchObject({ again: true, withAnother: true, copy: true });
    expect(drawn(FAILED, WORDS).html).toContain("900 in");
    expect(drawn(FAILED, WORDS, { answer: "" })).toMatchObject({ copy: false });
  });
});
