/**
 * In the place of the composer where the session was deleted elsewhere: why, and what was typed and added and not
 * sent. Each session has one of its own: give it as `key` too.
 */
import { useLayoutEffect, useRef, useState } from "react";
import { asError } from "./api";
import { sift } from "./attach/check";
import { Pile } from "./attach/Pile";
import { bring, forget, type Held, handOver, heldOf, NONE, pile, remove } from "./attach/pile";
import { copyText } from "./parts/buttons";
import { Icon } from "./parts/icons";
import { clean } from "./parts/visible";
import type { SessionStore } from "./session/store";
import { addToDraft, draftOf, forgetDraft, onDraft } from "./state/drafts";
import { go, place } from "./state/place";
import { usePart } from "./state/store";
import { say, sayError } from "./state/toasts";
import { useText } from "./text";

const NEW = "new";
/** Whether it can go along: what only the runtime had went with its session. */
const isHere = (one: Held) => one.file !== undefined;

export function Gone({ id, store }: { id: string; store: SessionStore }) {
  const t = useText();
  const [kept, setKept] = useState(() => draftOf(id));
  const held = usePart(pile, (all) => all[id]) ?? NONE;
  const section = useRef<HTMLElement>(null);
  const isRead = usePart(store.state, (now) => now.loaded);
  const [isMoving, setMoving] = useState(false);
  const draft = kept.trim();
  // What came of them in that session is no matter any more.
  const files = held.filter(isHere).map((one): Held => ({ ...one, state: "waiting" }));
  const lost = held.filter((one) => !isHere(one));
  // What was on its way when it was deleted comes back.
  useLayoutEffect(() => {
    void bring(id);
    return onDraft(id, setKept);
  }, [id]);

  const copy = () =>
    copyText(draft).then(
      () => say({ text: t.app.copied }, 2000),
      (thrown) => sayError(t.app.notCopied, asError(thrown)),
    );
  const take = async () => {
    setMoving(true);
    await move().finally(() => setMoving(false));
  };
  const move = async () => {
    await bring(NEW);
    const { said } = sift(
      files.map((one) => ({ name: one.name, size: one.bytes, type: one.file?.type ?? "" })),
      heldOf(NEW).length,
      t,
    );
    if (said.length > 0) return say({ text: said.join(" ") });
    if (draft !== "") addToDraft(NEW, draft);
    forgetDraft(id);
    await handOver(id, NEW);
    const here = place.get();
    if (here.name === "session" && here.id === id) go({ name: "new" });
  };
  const drop = () => {
    forgetDraft(id);
    setKept("");
    void forget(id);
    section.current?.focus();
  };

  return (
    <div className="composer-column">
      <section ref={section} className="gone" aria-label={t.conversation.gone} role="status" tabIndex={-1}>
        <p className="gone-line">
          <Icon name="info" />
          <span>
            <strong>{t.conversation.gone}</strong>
            {isRead && t.conversation.goneAbout}
          </span>
        </p>
        {draft !== "" && (
          <>
            <h2>{t.conversation.goneDraft}</h2>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long draft is scrolled with keys */}
            <p className="gone-draft" tabIndex={0}>
              {draft}
            </p>
          </>
        )}
        <Pile
          held={files}
          session={undefined}
          remove={(key) => remove(id, key)}
          leave={() => section.current?.focus()}
        />
        {lost.length > 0 && <p className="gone-lost">{t.conversation.goneLost(lost.map((one) => clean(one.name)))}</p>}
        {(draft !== "" || held.length > 0) && (
          <div className="gone-actions">
            {(draft !== "" || files.length > 0) && (
              <button type="button" className="button" disabled={isMoving} onClick={() => void take()}>
                <Icon name="compose" size={14} />
                {t.conversation.goneTake}
              </button>
            )}
            {draft !== "" && (
              <button type="button" className="button plain" onClick={() => void copy()}>
                <Icon name="copy" size={14} />
                {t.app.copy}
              </button>
            )}
            <button type="button" className="button plain" disabled={isMoving} onClick={drop}>
              <Icon name="trash" size={14} />
              {t.conversation.goneDrop}
            </button>
          </div>
        )}
      </section>
    </div>
  );
}
