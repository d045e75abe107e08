/** Short messages at the lower edge. */
import { useStore } from "../state/store";
import { hush, toasts } from "../state/toasts";
import { useText } from "../text";
import { IconButton } from "./buttons";
import { Icon } from "./icons";

export function Toasts() {
  const t = useText();
  const all = useStore(toasts);
  return (
    <section className="toasts" aria-live="polite" aria-label={t.app.messages}>
      {all.map((toast) => (
        <div key={toast.id} className="toast" role={toast.isError ? "alert" : "status"}>
          {toast.isError && <Icon name="alert" />}
          <span className="toast-text">
            {toast.text}
            {toast.hint && <span className="toast-hint">{toast.hint}</span>}
          </span>
          {toast.action && (
            <button type="button" className="button" onClick={toast.action.run}>
              {toast.action.label}
              {toast.action.keys && <kbd>{toast.action.keys}</kbd>}
            </button>
          )}
          <IconButton icon="close" label={t.app.close} onClick={() => hush(toast.id)} />
        </div>
      ))}
    </section>
  );
}
