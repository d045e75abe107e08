/** The question before a session, or every new one, may do anything unasked; one for the window. */
import { useEffect } from "react";
import type { Mode } from "../generated/bindings";
import { Dialog } from "../parts/Dialog";
import { place } from "../state/place";
import { createStore, useStore } from "../state/store";
import { useText } from "../text";

/** For the session that it is chosen in, or for all that choose none. */
type Whose = "session" | "all";

const asked = createStore<{ whose: Whose; take: () => void } | null>(null);
const close = () => asked.set(null);

/** Takes a mode in the place of the one that holds; full access only after the person was asked. */
export function takeMode(mode: Mode, now: Mode | undefined, whose: Whose, take: () => void): void {
  if (mode === "full" && now !== "full") asked.set({ whose, take });
  else take();
}

export function FullAccessQuestion() {
  const t = useText();
  const now = useStore(asked);
  // Elsewhere it would be read as a question about what is shown there.
  useEffect(() => place.subscribe(close), []);
  if (now === null) return null;
  const { title, about } = t.fullAccess[now.whose];
  return (
    <Dialog title={title} onClose={close}>
      <p>{about}</p>
      <p>{t.fullAccess.advice}</p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          {t.app.cancel}
        </button>
        <button
          type="button"
          className="button danger"
          onClick={() => {
            close();
            now.take();
          }}
        >
          {t.fullAccess.give}
        </button>
      </div>
    </Dialog>
  );
}
