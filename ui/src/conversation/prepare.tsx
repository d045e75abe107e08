/**
 * Gets ready for the first turn. A webview reads a program's functions when they are first called, looks for a font
 * when it is first needed and makes a format of numbers when the first is written, which takes some ten to twenty
 * milliseconds each; in the middle of a turn that would be a frame that everybody sees.
 */
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import type { Model } from "../generated/bindings";
import { wantHighlighter } from "../markdown/highlight";
import { Drawn } from "../markdown/Markdown";
import type { EndEntry } from "../session/view";
import { TurnEnd } from "./TurnEnd";
import { UserMessage } from "./UserMessage";

declare const __MOCK__: boolean;

const ANSWER =
  "# One\n\nA **bold** word, *another*, `code`, [a link](https://example.org) and\n\n- a list\n\n```sh\nls\n```\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n\nand `more";

const MODEL: Model = { id: "a/b", price: { input: 1, cached: 1, cacheWritten: 1, output: 1 } };

/** Counts, sums and times in each of the forms that the end of a turn has. */
const USAGE = { input: 12_400, cached: 900, output: 812 };
const END: EndEntry = {
  kind: "end",
  key: "sample",
  turn: "",
  outcome: { type: "completed" },
  model: MODEL.id,
  usage: USAGE,
  calls: [USAGE],
  startedAt: 0,
  at: 2_500,
};

const SAMPLES: readonly ReactNode[] = [
  <Drawn key="answer" text={ANSWER} isOpen />,
  <UserMessage key="words" text="One" session="" attachments={[]} />,
  <TurnEnd
    key="end"
    entry={END}
    answer={ANSWER}
    isLast
    model={MODEL}
    begun={{ type: "words", text: "One", attachments: [] }}
    retry={() => {}}
    modelItems={() => []}
  />,
];

/** Long enough that each is laid out, also where no frames come since nobody sees the window. */
const LAID_OUT_MS = 100;

/** One sample after the other, so that whoever writes meanwhile is not held up by all at once. */
export function prepare(): void {
  wantHighlighter();
  // Whoever plays the runtime looks for what is on the page, and would find the samples.
  if (__MOCK__) return;
  const place = document.createElement("div");
  place.className = "unseen";
  // It is laid out all the same.
  place.style.visibility = "hidden";
  place.inert = true;
  document.body.append(place);
  const root = createRoot(place);
  const next = (at: number) => {
    if (at < SAMPLES.length) {
      root.render(SAMPLES[at]);
      setTimeout(next, LAID_OUT_MS, at + 1);
    } else {
      root.unmount();
      place.remove();
    }
  };
  next(0);
}
