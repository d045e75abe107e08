/** In the place of a choice: that it is asked for, that it could not be had, or that there is none. */
import { useState } from "react";
import type { Asked } from "../state/asked";
import { useText } from "../text";

export function Unknown(props: { asked: Asked<unknown>; failed: string; none: string; again: () => Promise<void> }) {
  const t = useText();
  const { value, error } = props.asked;
  const [isAsking, setAsking] = useState(false);
  if (error) {
    return (
      <div className="way-failed" role="alert">
        <p className="setting-failed">
          {`${props.failed}: ${error.message}`}
          {error.hint && <span className="quiet">{` · ${error.hint}`}</span>}
        </p>
        <button
          type="button"
          className="button"
          disabled={isAsking}
          onClick={() => {
            setAsking(true);
            void props.again().finally(() => setAsking(false));
          }}
        >
          {isAsking && <span className="spinner" />}
          {t.app.retry}
        </button>
      </div>
    );
  }
  if (value) return <p className="setting-note">{props.none}</p>;
  return (
    <div className="skeleton way-loading" role="status" aria-label={t.app.loading}>
      <span />
      <span />
    </div>
  );
}
