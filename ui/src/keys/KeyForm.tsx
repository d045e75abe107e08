/**
 * The field for a key. It is never part of what is drawn: it is read once, when it is sent, and taken out of the field as
 * soon as the runtime has it.
 */
import { type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { ApiError, KeyKept } from "../generated/bindings";
import { useText } from "../text";

export function KeyForm(props: {
  provider: string;
  /** What people call it. */
  name: string;
  /** Told when the runtime has the key. */
  given: (kept: KeyKept) => void;
  /** Closes the form; without it there is nothing to go back to. */
  cancel?: () => void;
}) {
  const t = useText();
  const field = useRef<HTMLInputElement>(null);
  const [isSending, setSending] = useState(false);
  /** Of the key only this is known here. */
  const [isGiven, setGiven] = useState(false);
  const [failed, setFailed] = useState<ApiError>();
  const id = useId();
  const { cancel } = props;

  useEffect(() => {
    if (cancel) field.current?.focus();
  }, [cancel]);

  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const box = field.current;
    const key = box?.value.trim() ?? "";
    if (!box || isSending) return;
    if (key === "") {
      setFailed({ code: "bad_request", message: t.keys.empty });
      box.focus();
      return;
    }
    setSending(true);
    setFailed(undefined);
    try {
      const kept = await jamey().giveKey(props.provider, key);
      box.value = "";
      setGiven(false);
      props.given(kept);
    } catch (thrown) {
      setFailed(asError(thrown));
    } finally {
      setSending(false);
    }
  };

  return (
    <form className="key-form" onSubmit={send}>
      <label htmlFor={id} className="setting-about">
        {t.keys.label(props.name)}
      </label>
      <div className="key-line">
        <input
          ref={field}
          id={id}
          className="field"
          type="password"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder={t.keys.paste}
          aria-invalid={failed !== undefined}
          onChange={(event) => setGiven(event.target.value !== "")}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || !cancel) return;
            event.stopPropagation();
            cancel();
          }}
        />
        <button type="submit" className={`button ${isGiven ? "accent" : ""}`} disabled={isSending}>
          {isSending && <span className="spinner" />}
          {t.keys.keep}
        </button>
        {cancel && (
          <button type="button" className="button plain" onClick={cancel}>
            {t.app.cancel}
          </button>
        )}
      </div>
      <p className="key-note">{t.keys.note}</p>
      <p role="alert" className="setting-failed">
        {failed && `${t.keys.notKept}: ${failed.message}${failed.hint ? `. ${failed.hint}` : ""}`}
      </p>
    </form>
  );
}
