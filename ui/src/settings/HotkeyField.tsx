/** Takes the next keys that are pressed together. */
import { type KeyboardEvent, useState } from "react";
import { IconButton } from "../parts/buttons";
import { useText } from "../text";
import { chordOf } from "./hotkey";

export function HotkeyField(props: {
  value: string | null;
  change: (hotkey: string | null) => void;
  /** Says why keys that were pressed cannot be it. */
  refuse: (why: string) => void;
}) {
  const t = useText();
  const [listens, setListens] = useState(false);
  const shown = listens ? t.settings.hotkeyPress : (props.value ?? t.settings.hotkeyNone);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!listens || event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return setListens(false);
    const pressed = chordOf(event.nativeEvent);
    if (pressed.kind === "bare") props.refuse(t.settings.hotkeyNeedsModifier);
    if (pressed.kind === "unfit") props.refuse(t.settings.hotkeyUnfit);
    if (pressed.kind === "everywhere") props.refuse(t.settings.hotkeyEverywhere);
    if (pressed.kind !== "chord") return;
    setListens(false);
    props.change(pressed.chord);
  };

  return (
    <>
      <button
        type="button"
        className="field hotkey"
        aria-label={`${t.settings.hotkey}: ${shown}`}
        onClick={(event) => {
          // Not every engine does so for a button that is clicked, and the keys come to whatever has the focus.
          event.currentTarget.focus();
          setListens(true);
        }}
        onBlur={() => setListens(false)}
        onKeyDown={onKeyDown}
      >
        {shown}
      </button>
      {props.value && <IconButton icon="close" label={t.settings.hotkeyRemove} onClick={() => props.change(null)} />}
    </>
  );
}
