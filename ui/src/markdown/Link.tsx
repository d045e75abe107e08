/** A link in an answer. It leads out of the window only after the person has seen where to. */
import type { ReactNode } from "react";
import { asError, jamey } from "../api";
import { copyText } from "../parts/buttons";
import { Dialog } from "../parts/Dialog";
import { visible } from "../parts/visible";
import { createStore, useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { openable } from "./address";

const asked = createStore<string | null>(null);

export function Link({ address, children }: { address: string; children: ReactNode }) {
  const url = openable(address);
  // What cannot be opened is no link; its address is shown, since the words may promise another.
  if (!url) {
    return (
      <span className="md-dead" title={visible(address)}>
        {children}
      </span>
    );
  }
  const ask = () => asked.set(url.href);
  // A button would not break over lines, and an anchor could be followed without the question.
  return (
    <span
      role="link"
      tabIndex={0}
      className="md-link"
      title={visible(url.href)}
      onClick={ask}
      onKeyDown={(event) => {
        if (event.key === "Enter") ask();
      }}
    >
      {children}
    </span>
  );
}

/** The question before a link is opened; one for the window. */
export function LinkQuestion() {
  const t = useText();
  const address = useStore(asked);
  if (address === null) return null;
  const close = () => asked.set(null);
  return (
    <Dialog title={t.link.title} onClose={close}>
      <p>{t.link.about}</p>
      <div className="dialog-address">{visible(address)}</div>
      <div className="dialog-actions">
        <button
          type="button"
          className="button plain"
          onClick={() => {
            void copyText(address);
            close();
          }}
        >
          {t.link.copy}
        </button>
        <button type="button" className="button" onClick={close}>
          {t.app.cancel}
        </button>
        <button
          type="button"
          className="button accent"
          onClick={() => {
            close();
            jamey()
              .openLink(address)
              .catch((thrown) => sayError(t.link.failed, asError(thrown)));
          }}
        >
          {t.link.open}
        </button>
      </div>
    </Dialog>
  );
}
