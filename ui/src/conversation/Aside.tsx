/** What the model thought, folded into one line; and a summary of what came before. */
import { memo, useEffect, useId, useState } from "react";
import { Markdown } from "../markdown/Markdown";
import { Icon } from "../parts/icons";
import { type ItemEntry, textOf } from "../session/view";
import { useText } from "../text";
import { duration } from "../text/units";

export const Reasoning = memo(function Reasoning({ entry }: { entry: ItemEntry }) {
  const t = useText();
  const text = textOf(entry);
  const took = (entry.endedAt ?? 0) - entry.item.at;
  const title = entry.open ? (
    <>
      {t.conversation.thinking} <Since at={entry.item.at} />
    </>
  ) : took >= 1000 ? (
    t.conversation.thought(duration(took))
  ) : (
    t.conversation.thoughtShortly
  );
  return <Fold title={title} text={text} isOpen={entry.open} />;
});

/** Seconds since a moment, shown once there are some. */
function Since({ at }: { at: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const passed = Math.floor((now - at) / 1000) * 1000;
  return passed >= 2000 ? <span className="numbers quiet">{duration(passed)}</span> : null;
}

export const Summary = memo(function Summary({ text }: { text: string }) {
  const t = useText();
  return <Fold title={t.conversation.summary} text={`${t.conversation.summaryHint}\n\n${text}`} isOpen={false} />;
});

function Fold({ title, text, isOpen: grows }: { title: React.ReactNode; text: string; isOpen: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <section className={`aside ${isOpen ? "open" : ""}`}>
      <button
        type="button"
        className="aside-line"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="chevronRight" />
        <span>{title}</span>
      </button>
      <div id={id} className="aside-body" hidden={!isOpen}>
        {isOpen && <Markdown text={text} isOpen={grows} />}
      </div>
    </section>
  );
}
