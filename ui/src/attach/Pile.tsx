/** The files that go along, above the message field; each can be taken off by mouse and by key. */
import { type KeyboardEvent, useRef } from "react";
import { IconButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { clean } from "../parts/visible";
import { useText } from "../text";
import { bytes } from "../text/units";
import { Picture } from "./Picture";
import { wasPasted } from "./pasted";
import type { Held } from "./pile";

export function Pile(props: {
  held: readonly Held[];
  session: string | undefined;
  remove: (key: string) => void;
  /** Puts the words of one that was pasted into the field, where there is one. */
  putBack?: (one: Held) => void;
  /** Where the focus goes when the last one is gone. */
  leave: () => void;
}) {
  const t = useText();
  const list = useRef<HTMLUListElement>(null);
  const { putBack } = props;
  if (props.held.length === 0) return null;

  const remove = (key: string) => {
    const at = props.held.findIndex((one) => one.key === key);
    props.remove(key);
    requestAnimationFrame(() => {
      const buttons = list.current?.querySelectorAll("button.held-off") ?? [];
      const next = buttons[Math.min(at, buttons.length - 1)];
      if (next instanceof HTMLElement) next.focus();
      else props.leave();
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const items = [...(list.current?.children ?? [])];
    const here = props.held[items.findIndex((item) => item.contains(event.target as Node))];
    if (!here) return;
    if (event.key === "ArrowRight") buttons[at + 1]?.focus();
    else if (event.key === "ArrowLeft") buttons[at - 1]?.focus();
    else if (event.key === "Delete" || event.key === "Backspace") remove(here.key);
    else return;
    event.preventDefault();
  };

  return (
    <ul ref={list} className="pile" aria-label={t.attach.label} onKeyDown={onKeyDown}>
      {props.held.map((one) => (
        <li key={one.key} className="held" data-state={one.state}>
          <Mark one={one} session={props.session} />
          <span className="held-words">
            <span className="held-name" title={clean(one.name)}>
              {clean(one.name)}
            </span>
            <span className="held-about">
              {one.state === "failed"
                ? [one.error?.message, one.error?.hint].filter(Boolean).join(". ")
                : one.state === "sending"
                  ? t.attach.sending
                  : bytes(one.bytes)}
            </span>
          </span>
          {putBack && wasPasted(one) && (
            <IconButton icon="intoField" label={t.attach.putBack(clean(one.name))} onClick={() => putBack(one)} />
          )}
          <IconButton
            className="held-off"
            icon="close"
            label={t.attach.remove(clean(one.name))}
            onClick={() => remove(one.key)}
          />
        </li>
      ))}
    </ul>
  );
}

function Mark({ one, session }: { one: Held; session: string | undefined }) {
  if (one.state === "failed") {
    return (
      <span className="held-mark">
        <Icon name="alert" />
      </span>
    );
  }
  if (one.state === "sending") {
    return (
      <span className="held-mark">
        <span className="spinner" />
      </span>
    );
  }
  const source = one.file
    ? { file: one.file }
    : session && one.attachment
      ? { session, attachment: one.attachment }
      : undefined;
  // The name beside it says what it is.
  if (one.isPicture && source) return <Picture source={source} name="" className="held-mark held-picture" />;
  return (
    <span className="held-mark">
      <Icon name={one.isPicture ? "image" : "file"} />
    </span>
  );
}
