/**
 * In the place of the composer where the session was deleted elsewhere: why, and what was typed and not sent. Each
 * session has one of its own: give it as `key` too.
 */
import { useLayoutEffect, useState } from "react";
import { asError } from "./api";
import { copyText } from "./parts/buttons";
import { Icon } from "./parts/icons";
import { addToDraft, draftOf, keepDraft, onDraft } from "./state/drafts";
import { go } from "./state/place";
import { say, sayError } from "./state/toasts";
import { useText } from "./text";

export function Gone({ id }: { id: string }) {
  const t = useText();
  const [kept, setKept] = useState(() => draftOf(id));
  const draft = kept.trim();
  // Words that were on their way when it was deleted come back.
  useLayoutEffect(() => onDraft(id, setKept), [id]);
  const copy = () =>
    copyText(draft).then(
      () => say({ text: t.app.copied }, 2000),
      (thrown) => sayError(t.app.notCopied, asError(thrown)),
    );
  return (
    <div className="composer-column">
      <section className="gone" aria-label={t.conversation.gone} role="status">
        <p className="gone-line">
          <Icon name="info" />
          <span>
            <strong>{t.conversation.gone}</strong>
            {t.conversation.goneAbout}
          </span>
        </p>
        {draft !== "" && (
          <>
            <h2>{t.conversation.goneDraft}</h2>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long draft is scrolled with keys */}
            <p className="gone-draft" tabIndex={0}>
              {draft}
            </p>
            <div className="gone-actions">
              <button
                type="button"
                className="button"
                onClick={() => {
                  addToDraft("new", draft);
                  keepDraft(id, "");
                  setKept("");
                  go({ name: "new" });
                }}
              >
                <Icon name="compose" size={14} />
                {t.conversation.goneTake}
              </button>
              <button type="button" className="button plain" onClick={() => void copy()}>
                <Icon name="copy" size={14} />
                {t.app.copy}
              </button>
            </div>
          </>
        )}
      </section>
    </div>
  );
}
