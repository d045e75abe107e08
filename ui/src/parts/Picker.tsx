/** A button that opens a list with a search field; for long lists, such as models. */
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { onAway, showFloat } from "./float";
import { Icon, type IconName } from "./icons";
import { fits, useListbox } from "./listbox";
import { beside } from "./Menu";

export type Choice = { id: string; label: string; about?: string; icon?: IconName };

export function Picker(props: {
  label: string;
  search: string;
  none: string;
  value: string | undefined;
  choices: readonly Choice[];
  choose: (id: string) => void;
  /** What to offer for words that no choice has. */
  other?: (wish: string) => Choice | undefined;
  children: ReactNode;
  /** What the button says. */
  shown: string;
  className?: string;
  /** Changes when it should open by itself. */
  openSignal?: number;
}) {
  const [isOpen, setOpen] = useState(false);
  const [wish, setWish] = useState("");
  const anchor = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const found = props.choices.filter((choice) => fits(`${choice.id} ${choice.label} ${choice.about ?? ""}`, wish));
  const other = wish !== "" && found.length === 0 ? props.other?.(wish) : undefined;
  const shown = other ? [other] : found;

  const close = () => {
    setOpen(false);
    anchor.current?.focus();
  };
  const listbox = useListbox(
    shown.length,
    (at) => {
      const choice = shown[at];
      close();
      if (choice) props.choose(choice.id);
    },
    wish,
  );

  const signal = props.openSignal ?? 0;
  const seen = useRef(signal);
  useEffect(() => {
    if (signal === seen.current) return;
    seen.current = signal;
    setWish("");
    setOpen(true);
  }, [signal]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins at what holds, once
  useLayoutEffect(() => {
    if (!isOpen || !box.current || !anchor.current) return;
    listbox.setActive(
      Math.max(
        0,
        props.choices.findIndex((choice) => choice.id === props.value),
      ),
    );
    showFloat(box.current);
    beside(box.current, anchor.current.getBoundingClientRect(), "above", "start");
    field.current?.focus();
  }, [isOpen]);

  useEffect(() => {
    const popover = box.current;
    if (!isOpen || !popover) return;
    return onAway(popover, anchor.current, () => setOpen(false));
  }, [isOpen]);

  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={props.className}
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        aria-label={`${props.label}: ${props.shown}`}
        title={props.label}
        onClick={() => {
          setWish("");
          setOpen(!isOpen);
        }}
      >
        {props.children}
      </button>
      {isOpen && (
        <div ref={box} className="menu" popover="auto">
          {props.choices.length > 7 && (
            <input
              ref={field}
              className="menu-search"
              placeholder={props.search}
              aria-label={props.search}
              value={wish}
              onChange={(event) => setWish(event.target.value)}
              onKeyDown={(event) => {
                if (!listbox.onKey(event) && (event.key === "Escape" || event.key === "Tab")) {
                  event.preventDefault();
                  event.stopPropagation();
                  close();
                }
              }}
              {...listbox.field}
            />
          )}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: its role is given with it */}
          <div
            {...listbox.list}
            aria-label={props.label}
            aria-activedescendant={props.choices.length > 7 ? undefined : listbox.field["aria-activedescendant"]}
            tabIndex={props.choices.length > 7 ? -1 : 0}
            ref={(element) => {
              listbox.list.ref.current = element;
              if (element && props.choices.length <= 7 && document.activeElement !== element) element.focus();
            }}
            style={{ outline: "none" }}
            onKeyDown={(event) => {
              if (props.choices.length > 7) return;
              if (!listbox.onKey(event) && (event.key === "Escape" || event.key === "Tab")) {
                event.preventDefault();
                event.stopPropagation();
                close();
              }
            }}
          >
            {shown.map((choice, at) => (
              <div key={choice.id} className="option" {...listbox.option(at)}>
                {choice.icon && <Icon name={choice.icon} />}
                <span className="option-text">
                  <span>{choice.label}</span>
                  {choice.about && <span className="option-about">{choice.about}</span>}
                </span>
                {choice.id === props.value && <Icon name="check" />}
              </div>
            ))}
          </div>
          {shown.length === 0 && <p className="menu-none">{props.none}</p>}
        </div>
      )}
    </>
  );
}
