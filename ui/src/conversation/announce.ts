/** What assistive technology is told of a session: answers sentence by sentence, and what went wrong. */

import { words } from "../markdown/Nodes";
import { parse } from "../markdown/parse";
import { type Entry, type SessionView, textOf } from "../session/view";
import type { Text } from "../text/en";

const FENCE_OR_END = /^ {0,3}(?:```|~~~)|[.!?…:]["”’)\]*_]*(?=\s)|[。！？]|\n\n/gm;

/** In letters. */
const LONGEST_SENTENCE = 1_000;

/**
 * Where the last whole sentence of a growing text ends; what is inside an open code fence waits. `from` is where the
 * last one ended, so outside of any fence: what lies before is not read again.
 */
export function sentenceEnd(text: string, from: number): number {
  let end = from;
  let isInFence = false;
  for (const match of text.slice(from).matchAll(FENCE_OR_END)) {
    if (/[`~]/.test(match[0])) isInFence = !isInFence;
    else if (!isInFence) end = from + match.index + match[0].length;
  }
  // Nobody waits for the end of a sentence that has none.
  if (!isInFence && text.length - end > LONGEST_SENTENCE) {
    const space = text.lastIndexOf(" ");
    if (space > end) end = space;
  }
  return end;
}

export function spoken(markdown: string): string {
  return words(parse(markdown)).replace(/\s+/g, " ").trim();
}

/** Listens to one session and tells what is new in it. What was there first is read by whoever wants to. */
export class Listener {
  /** Answers that still grow, by the keys of their entries, and how much of each was told. */
  private readonly growing = new Map<string, number>();
  /** The newest entry of the last time; nothing before the first. */
  private newest: string | undefined;
  private isNew = true;

  /** What there is to tell since the last time, in order. */
  news(view: SessionView, t: Text): string[] {
    const { entries } = view;
    const before = [...this.growing.keys()].flatMap((key) => {
      const entry = entries[view.places.get(key) ?? -1];
      return entry ? [entry] : [];
    });
    const fresh = this.fresh(entries);
    this.newest = entries.at(-1)?.key;
    this.isNew = false;
    return [...before, ...fresh].flatMap((entry) => this.of(entry, t));
  }

  private fresh(entries: readonly Entry[]): readonly Entry[] {
    const at = entries.findLastIndex((entry) => entry.key === this.newest);
    // Of a session that is there already, or that was read anew, only what goes on is told.
    const isThere = this.isNew || (this.newest !== undefined && at < 0);
    return isThere ? entries.filter((entry) => entry.kind === "item" && entry.open) : entries.slice(at + 1);
  }

  private of(entry: Entry, t: Text): string[] {
    if (entry.kind === "notice") return entry.level === "warn" ? [entry.text] : [];
    if (entry.kind === "end") {
      const { outcome } = entry;
      if (outcome.type === "failed") {
        const { message, hint } = outcome.error;
        return [`${t.conversation.failed}: ${message}.${hint ? ` ${hint}.` : ""}`];
      }
      return outcome.type === "interrupted" ? [[t.conversation.interrupted, outcome.reason].join(". ")] : [];
    }
    const { body } = entry.item;
    return body.type === "agentMessage"
      ? this.answer(entry.key, textOf(entry), entry.open, body.partial ?? false, t)
      : [];
  }

  private answer(key: string, text: string, isOpen: boolean, isPartial: boolean, t: Text): string[] {
    const from = this.growing.get(key) ?? 0;
    const to = isOpen ? sentenceEnd(text, from) : text.length;
    if (isOpen) this.growing.set(key, to);
    else this.growing.delete(key);
    const said = to > from ? [spoken(text.slice(from, to))] : [];
    // How a turn ended that broke off is told by its end.
    if (!isOpen && !isPartial && text !== "") said.push(t.conversation.answerDone);
    return said.filter((line) => line !== "");
  }
}
