/** A link in an answer. It leads out of the window only after the person has seen where to. */
import type { ReactNode } from "react";
import { asError, jamey } from "../api";
import { copyText } from "../parts/buttons";
import { Dialog } from "../parts/Dialog";
import { visible } from "../parts/visible";
import { createStore, useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { type Refusal, reading } from "./address";

type Asked = { address: string; refused?: Refusal | undefined };
const asked = createStore<Asked | null>(null);

export function Link({ address, children }: { address: string; children: ReactNode }) {
  const read = reading(address);
  // What leads nowhere is no link; its address is shown, since the words may promise another.
  if (!read) {
    return (
      <span className="md-dead" title={visible(address)}>
        {children}
      </span>
    );
  }
  const { url, refused } = read;
  const ask = () => asked.set({ address: url.href, refused });
  // A button would not break over lines, and an anchor could be followed without the question.
  return (
    <span
      role="link"
      tabIndex={0}
      className={refused ? "md-dead refused" : "md-link"}
      title={visible(url.href)}
      onClick={ask}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        // The same press would go on to the question and answer it.
        event.preventDefault();
        ask();
      }}
    >
      {children}
    </span>
  );
}

/** The question before a link is opened; one for the window. */
export function LinkQuestion() {
  const t = useText();
  const now = useStore(asked);
  if (now === null) return null;
  const { address, refused } = now;
  const close = () => asked.set(null);
  return (
    <Dialog title={refused ? t.link.refused : t.link.title} onClose={close}>
      <p>{refused ? t.link.why[refused] : t.link.about}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long address is scrolled with keys */}
      <div className="dialog-address" tabIndex={0}>
        {visible(address)}
      </div>
      <div className="dialog-actions">
        <button
          type="button"
          className={refused ? "button" : "button plain"}
          onClick={() => {
            void copyText(address);
            close();
          }}
        >
          {t.link.copy}
        </button>
        <button type="button" className="button" onClick={close}>
          {refused ? t.app.close : t.app.cancel}
        </button>
        {!refused && (
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
        )}
      </div>
    </Dialog>
  );
}
