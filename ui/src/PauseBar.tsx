/** Says that everything is held, with the button that lets it go on. */
import { Icon } from "./parts/icons";
import { pause, useIsPaused } from "./state/pause";
import { useText } from "./text";

export function PauseBar() {
  const t = useText();
  if (!useIsPaused()) return null;
  return (
    <div className="bar paused" role="status">
      <Icon name="pause" />
      <div className="bar-words">{t.pause.told}</div>
      <button type="button" className="button accent" onClick={() => void pause(false)}>
        {t.pause.resume}
      </button>
    </div>
  );
}
