/** Buttons that name themselves, and small controls. */
import {
  type ButtonHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  useEffect,
  useRef,
  useState,
} from "react";
import { asError } from "../api";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { Icon, type IconName } from "./icons";
import { plain } from "./visible";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { icon: IconName; label: string };

/** A button that is an icon; its name is its tooltip too. */
export function IconButton({ icon, label, className = "", ...rest }: ButtonProps) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

/**
 * Copies what is read of a text, whatever else is in it. Some webviews have no clipboard for pages of programs; the old
 * command works in all.
 */
export async function copyText(given: string): Promise<void> {
  const text = plain(given);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    const before = document.activeElement as HTMLElement | null;
    // Inside an open dialog nothing else can be chosen.
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    if (!done) throw new Error("the clipboard was refused");
  }
}

/** Copies, and says so for a moment. */
export function CopyButton({ text, label, className }: { text: () => string; label: string; className?: string }) {
  const t = useText();
  const [done, setDone] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    try {
      await copyText(text());
    } catch (thrown) {
      return sayError(t.app.notCopied, asError(thrown));
    }
    setDone(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), 1600);
  };
  return (
    <IconButton
      icon={done ? "check" : "copy"}
      label={done ? t.app.copied : label}
      className={className ?? ""}
      onClick={copy}
    />
  );
}

export function Switch(props: { on: boolean; label: string; describedBy?: string; onChange: (on: boolean) => void }) {
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={props.on}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      onClick={() => props.onChange(!props.on)}
    />
  );
}

/** The system's own list, with our arrow. */
export function Select(props: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className="select">
      <select className="field" {...props} />
      <Icon name="chevronDown" size={14} />
    </span>
  );
}

/** One of a few, all visible. */
export function Segments<T extends string>(props: {
  label: string;
  value: T;
  options: readonly { value: T; name: ReactNode }[];
  onChange: (value: T) => void;
}) {
  const group = useRef<HTMLDivElement>(null);
  const move = (by: number) => {
    const at = props.options.findIndex((option) => option.value === props.value);
    const next = (at + by + props.options.length) % props.options.length;
    const option = props.options[next];
    if (option) props.onChange(option.value);
    group.current?.querySelectorAll<HTMLButtonElement>("button")[next]?.focus();
  };
  return (
    <div
      ref={group}
      className="segments"
      role="radiogroup"
      aria-label={props.label}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight" || event.key === "ArrowDown") move(1);
        else if (event.key === "ArrowLeft" || event.key === "ArrowUp") move(-1);
        else return;
        event.preventDefault();
      }}
    >
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === props.value}
          tabIndex={option.value === props.value ? 0 : -1}
          onClick={() => props.onChange(option.value)}
        >
          {option.name}
        </button>
      ))}
    </div>
  );
}
