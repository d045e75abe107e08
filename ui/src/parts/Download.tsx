/** A download: how far it is, how long it will take; pause, go on, and stop for good. */
import { discard, type Pulling, pause, pull } from "../state/pulls";
import { useText } from "../text";
import { bytes, duration } from "../text/units";
import { Icon } from "./icons";

export function Download({ name, pulling }: { name: string; pulling: Pulling }) {
  const t = useText();
  const { done, total, speed, state } = pulling;
  const left = speed > 0 ? ((total - done) / speed) * 1000 : 0;
  return (
    <div className="download">
      <progress
        className="download-bar"
        max={total || 1}
        {...(state === "verifying" ? {} : { value: done })}
        aria-label={t.first.progress(bytes(done), bytes(total))}
      />
      <div className="download-line">
        <span className="numbers">
          {state === "verifying" ? t.first.verifying : t.first.progress(bytes(done), bytes(total))}
          {state === "running" && left > 0 && ` · ${t.first.left(duration(left))}`}
        </span>
        {state === "running" && (
          <button type="button" className="button plain" onClick={() => void pause(name)}>
            <Icon name="pause" size={14} />
            {t.first.pause}
          </button>
        )}
        {(state === "paused" || state === "failed") && (
          <button type="button" className="button" onClick={() => void pull(name)}>
            <Icon name="download" size={14} />
            {t.first.resume}
          </button>
        )}
        <button type="button" className="button plain" onClick={() => void discard(name)}>
          {t.app.cancel}
        </button>
      </div>
      {state === "failed" && (
        <p className="download-failed" role="alert">
          <Icon name="alert" size={14} />
          <span>
            {t.first.failed}: {pulling.error?.message}
            {pulling.error?.hint ? `. ${pulling.error.hint}` : ""}
          </span>
        </p>
      )}
    </div>
  );
}
