/** The page's voice for assistive technology. */
import { useEffect, useRef, useState } from "react";
import type { SessionView } from "../session/view";
import { useText } from "../text";
import { Listener } from "./announce";

const BREATH_MS = 700;

export function Announcer({ view }: { view: SessionView }) {
  const t = useText();
  /** What was said last. The number tells it from the same words before: only what is new on the page is heard. */
  const [said, setSaid] = useState({ number: 0, words: "" });
  const listener = useRef<Listener>(undefined);
  listener.current ??= new Listener();
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  useEffect(() => {
    const news = listener.current?.news(view, t) ?? [];
    if (news.length === 0) return;
    waiting.current.push(...news);
    // What comes within one breath is said together.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const words = waiting.current.join(" ");
      waiting.current = [];
      setSaid(({ number }) => ({ number: number + 1, words }));
    }, BREATH_MS);
  }, [view, t]);

  return (
    <>
      <div className="unseen" aria-live="polite" data-testid="announcer">
        <p key={said.number}>{said.words}</p>
      </div>
      <div className="unseen" aria-live="assertive">
        {[...view.approvals.values()].map(({ id }) => (
          <p key={id}>{t.approval.label}</p>
        ))}
      </div>
    </>
  );
}
