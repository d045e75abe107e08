/**
 * A menu on the platform's own popover: it lies over everything, closes with Esc and a click elsewhere, and gives
 * the focus back. Arrow keys move, letters find.
 */
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { hideFloat, onAway, showFloat } from "./float";
import { Icon, type IconName } from "./icons";

export type MenuItem = {
  id: string;
  label: string;
  about?: string;
  icon?: IconName;
  checked?: boolean;
  danger?: boolean;
  keys?: string;
  run: () => void;
};

/** Puts a floating box beside its button, inside the window. */
export function beside(box: HTMLElement, anchor: DOMRect, side: "above" | "below", align: "start" | "end"): void {
  const gap = 4;
  const edge = 8;
  box.style.maxHeight = "";
  const { width, height } = box.getBoundingClientRect();
  const roomBelow = innerHeight - anchor.bottom - gap - edge;
  const roomAbove = anchor.top - gap - edge;
  const goesAbove =
    side === "above" ? roomAbove >= height || roomAbove > roomBelow : roomBelow < height && roomAbove > roomBelow;
  const room = Math.max(80, goesAbove ? roomAbove : roomBelow);
  const shown = Math.min(height, room);
  box.style.maxHeight = `${room}px`;
  box.style.top = `${goesAbove ? anchor.top - gap - shown : anchor.bottom + gap}px`;
  const left = align === "start" ? anchor.left : anchor.right - width;
  box.style.left = `${Math.min(Math.max(edge, left), innerWidth - width - edge)}px`;
}

type MenuProps = {
  /** Draws the button; `props` go onto it. */
  button: (props: {
    ref: React.RefObject<HTMLButtonElement | null>;
    "aria-haspopup": "menu";
    "aria-expanded": boolean;
    "aria-controls": string;
    onClick: () => void;
  }) => ReactNode;
  label: string;
  items: () => MenuItem[];
  side?: "above" | "below";
  align?: "start" | "end";
  onOpenChange?: (open: boolean) => void;
};

export function Menu({ button, label, items, side = "below", align = "start", onOpenChange }: MenuProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();

  useLayoutEffect(() => {
    const menu = box.current;
    if (!open || !menu || !anchor.current) return;
    showFloat(menu);
    beside(menu, anchor.current.getBoundingClientRect(), side, align);
    const checked = menu.querySelector<HTMLElement>("[aria-checked=true]");
    (checked ?? menu.querySelector<HTMLElement>("[role^=menuitem]"))?.focus();
  }, [open, side, align]);

  useEffect(() => {
    const menu = box.current;
    if (!open || !menu) return;
    return onAway(menu, anchor.current, () => {
      setOpen(false);
      onOpenChange?.(false);
    });
  }, [open, onOpenChange]);

  const close = () => {
    hideFloat(box.current);
    setOpen(false);
    onOpenChange?.(false);
    anchor.current?.focus();
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const focus = (next: number) => all[(next + all.length) % all.length]?.focus();
    if (event.key === "ArrowDown") focus(at + 1);
    else if (event.key === "ArrowUp") focus(at - 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(-1);
    else if (event.key === "Tab" || event.key === "Escape") close();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      const letter = event.key.toLowerCase();
      const ordered = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      ordered.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      {button({
        ref: anchor,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        "aria-controls": id,
        onClick: () => {
          if (open) return close();
          setOpen(true);
          onOpenChange?.(true);
        },
      })}
      {open && (
        <div
          ref={box}
          id={id}
          className="menu"
          role="menu"
          aria-label={label}
          popover="auto"
          onKeyDown={onKeyDown}
          tabIndex={-1}
        >
          {items().map((item) => (
            <button
              key={item.id}
              type="button"
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.checked}
              className={`menu-item ${item.danger ? "danger" : ""}`}
              tabIndex={-1}
              onClick={() => {
                close();
                item.run();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span className="option-text">
                <span>{item.label}</span>
                {item.about && <span className="option-about">{item.about}</span>}
              </span>
              {item.checked && <Icon name="check" />}
              {item.keys && <kbd>{item.keys}</kbd>}
            </button>
          ))}
        </div>
      )}
    </>
  );
}
