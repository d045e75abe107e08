/** A question over the page, on the platform's own dialog: it holds the focus and gives it back. */
import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";

/** Opens it over the page while it is drawn, and gives the focus back to what had it. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement as HTMLElement | null;
    dialog?.showModal();
    return () => {
      dialog?.close();
      before?.focus();
    };
  }, []);
  return box;
}

export function Dialog(props: { title: string; children: ReactNode; onClose: () => void; className?: string }) {
  const box = useModal();
  const id = useId();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the dialog's own
    <dialog
      ref={box}
      className={props.className ?? "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === box.current) props.onClose();
      }}
    >
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}
