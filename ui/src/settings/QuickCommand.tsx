/** The command that opens the quick prompt, to be bound to a key in the desktop's own settings. */
import { CopyButton } from "../parts/buttons";
import { QUICK_COMMAND } from "../state/hotkey";
import { useText } from "../text";

export function QuickCommand() {
  const t = useText();
  return (
    <div className="copy-line">
      <code>{QUICK_COMMAND}</code>
      <CopyButton text={() => QUICK_COMMAND} label={t.app.copy} />
    </div>
  );
}
