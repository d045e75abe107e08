/** A hotkey that cannot be had is told where the person is, once, and not in the settings alone. */
import { copyText } from "../parts/buttons";
import { text } from "../text";
import { shell } from "./asked";
import { place } from "./place";
import { say, sayError } from "./toasts";

/** What does the same as the hotkey, for a key of the desktop's own. */
export const QUICK_COMMAND = "jamey-desktop --quick";

const TOLD = "jamey.told.hotkey";
const LONG_MS = 60_000;

/** Says what is the matter, unless that was said before; the first run says it on its page. */
function tell(): void {
  const now = shell.store.get().value;
  if (!now) return;
  const problem = now.hotkeyProblem ?? "";
  // Its words are in the language of the moment; the key is not.
  const told = problem === "" ? "" : (now.hotkey ?? "");
  try {
    if ((localStorage.getItem(TOLD) ?? "") === told) return;
    // One that is over is told again when it comes back.
    localStorage.setItem(TOLD, told);
  } catch {
    // Without storage it is told by each window.
  }
  if (problem === "" || place.get().name === "first") return;
  const t = text();
  const copy = () =>
    copyText(QUICK_COMMAND).then(
      () => say({ text: t.app.copied }, 2000),
      (thrown) => sayError(t.app.notCopied, thrown),
    );
  say({ text: t.settings.hotkeyTrouble, hint: problem, action: { label: t.settings.hotkeyCopy, run: copy } }, LONG_MS);
}

/** Tells it from now on, once it is known which page the window begins with. */
export function beginHotkey(): () => void {
  tell();
  return shell.store.subscribe(tell);
}
