/** Says how the window stands with the runtime when that is not well, with the button that mends it. */
import { PauseBar } from "./PauseBar";
import { Icon } from "./parts/icons";
import { connection, mend, type Standing } from "./state/connection";
import { useStore } from "./state/store";
import { useText } from "./text";
import type { Text } from "./text/en";

export type Trouble = {
  title: string;
  /** Why, and what to do, a paragraph each. */
  words: string[];
  /** What the button that mends it is called; none where it comes right by itself. */
  button?: string;
};

/** What is wrong with the connection; nothing where it is well or about to be. */
export function troubleOf(now: Standing, t: Text): Trouble | undefined {
  const { message, hint } = now.error ?? {};
  const why = [message, hint].flatMap((one) => (one ? [one] : []));
  switch (now.state) {
    case "ready":
    case "connecting":
    case "starting":
      return undefined;
    case "preparing":
      return { title: t.connection.preparing, words: [t.connection.preparingHint] };
    case "incompatible":
      return {
        title: t.connection.incompatible,
        words: [...why, t.connection.restartHint],
        button: t.connection.restart,
      };
    case "outdated":
      return { title: t.connection.outdated, words: [t.connection.outdatedHint], button: t.connection.relaunch };
    case "failed": {
      if (!now.wasReady) return { title: t.connection.failed, words: why, button: t.connection.start };
      // What to do first is the button; what to do when that did not help is said then.
      const known = now.hasTried || !now.error?.retryable ? why : why.slice(0, 1);
      return { title: t.connection.lost, words: [...known, t.connection.lostHint], button: t.connection.start };
    }
  }
}

export function ConnectionBar() {
  const t = useText();
  const now = useStore(connection);
  if (now.state === "ready") return <PauseBar />;
  const trouble = troubleOf(now, t);
  const isConnecting = now.state === "connecting" && !now.isMending;
  if (now.isMending || (now.wasReady && !trouble)) {
    return (
      <div className="bar" role="status">
        <span className="spinner" />
        <div className="bar-words">{isConnecting ? t.connection.again : t.connection.starting}</div>
      </div>
    );
  }
  if (!trouble) return null;
  const { title, words, button } = trouble;
  return (
    <div className={`bar ${button ? "bad" : ""}`} role={button ? "alert" : "status"}>
      {button ? <Icon name="unplug" /> : <span className="spinner" />}
      <div className="bar-words">
        {title}
        {words.map((one) => (
          <span key={one}>{one}</span>
        ))}
      </div>
      {button && (
        <button type="button" className="button accent" onClick={() => void mend()}>
          {button}
        </button>
      )}
    </div>
  );
}
