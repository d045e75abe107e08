/** Asks for a session's name where its row is not in sight: another list is shown, or it stands too far down. */
import { useId, useLayoutEffect, useState } from "react";
import { Dialog } from "../parts/Dialog";
import { sessions, titleOf } from "../state/sessions";
import { usePart, useStore } from "../state/store";
import { useText } from "../text";
import { renamed, renaming } from "./renaming";

export function RenameDialog() {
  const asked = useStore(renaming);
  const [isNeeded, setNeeded] = useState(false);
  // The list is drawn in the same moment: a row that is there has its field by now.
  useLayoutEffect(() => setNeeded(asked !== null && !document.querySelector(".session-rename")), [asked]);
  return asked && isNeeded ? <Question key={asked.id} id={asked.id} /> : null;
}

function Question({ id }: { id: string }) {
  const t = useText();
  const title = titleOf(usePart(sessions, (all) => all.list.find((one) => one.id === id)));
  const [name, setName] = useState(title);
  const field = useId();
  return (
    <Dialog title={t.sidebar.rename} onClose={() => renamed(title)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          renamed(title, name);
        }}
      >
        <label className="unseen" htmlFor={field}>
          {t.sidebar.renameLabel}
        </label>
        <input
          id={field}
          className="field text-field dialog-field"
          value={name}
          maxLength={200}
          autoFocus
          onFocus={(event) => event.target.select()}
          onChange={(event) => setName(event.target.value)}
        />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={() => renamed(title)}>
            {t.app.cancel}
          </button>
          <button type="submit" className="button accent" disabled={name.trim() === ""}>
            {t.sidebar.rename}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
