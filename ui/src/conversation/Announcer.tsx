/** The page's voice for assistive technology. */
import { useEffect, useRef, useState } from "react";
import { type SessionView, textOf } from "../session/view";
import { useText } from "../text";
import { sentenceEnd, spoken } from "./announce";

const BREATH_MS = 700;

export function Announcer({ view }: { view: SessionView }) {
  const t = useText();
  const [said, setSaid] = useState("");
  const at = useRef({ item: "", to: 0 });
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => () => clearTimeout(timer.current), []);

  useEffect(() => {
    const entry = view.entries.findLast((one) => one.kind === "item" && one.item.body.type === "agentMessage");
    if (entry?.kind !== "item") return;
    const text = textOf(entry);
    if (at.current.item !== entry.key) {
      // What was there when the session was opened is read by whoever wants to.
      at.current = { item: entry.key, to: entry.open ? 0 : text.length };
    }
    const to = entry.open ? sentenceEnd(text, at.current.to) : text.length;
    if (to <= at.current.to) return;
    waiting.current.push(spoken(text.slice(at.current.to, to)));
    at.current.to = to;
    if (!entry.open) waiting.current.push(t.conversation.answerDone);
    // What comes within one breath is said together.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setSaid(waiting.current.join(" "));
      waiting.current = [];
    }, BREATH_MS);
  }, [view, t]);

  const asks = view.approvals.size > 0;
  return (
    <>
      <div className="unseen" aria-live="polite" data-testid="announcer">
        {said}
      </div>
      <div className="unseen" aria-live="assertive">
        {asks ? t.approval.label : ""}
      </div>
    </>
  );
}
