/** Says how the window stands with the runtime when that is not well, with the button that mends it. */
import { PauseBar } from "./PauseBar";
import { Icon } from "./parts/icons";
import { connection, mend } from "./state/connection";
import { useStore } from "./state/store";
import { useText } from "./text";

export function ConnectionBar() {
  const t = useText();
  const now = useStore(connection);
  if (now.state === "ready") return <PauseBar />;
  if ((now.state === "connecting" || now.state === "starting") && !now.wasReady) return null;
  if (now.state === "starting" || now.isMending) {
    return (
      <div className="bar" role="status">
        <span className="spinner" />
        <div className="bar-words">{t.connection.starting}</div>
      </div>
    );
  }
  const isIncompatible = now.state === "incompatible";
  const title = isIncompatible ? t.connection.incompatible : now.wasReady ? t.connection.lost : t.connection.failed;
  const hint = now.wasReady && !isIncompatible ? t.connection.lostHint : (now.error?.message ?? "");
  return (
    <div className="bar bad" role="alert">
      <Icon name="unplug" />
      <div className="bar-words">
        {title}
        <span>{hint}</span>
      </div>
      <button type="button" className="button accent" onClick={() => void mend()}>
        {isIncompatible ? t.connection.restart : t.connection.start}
      </button>
    </div>
  );
}
