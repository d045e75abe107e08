/** The fields of the settings: a name, one sentence, a control, and what came of the last change. */
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { Value } from "../generated/bindings";
import { Select, Switch } from "../parts/buttons";
import { Icon } from "../parts/icons";
import type { Outcome } from "../state/wishes";
import { useText } from "../text";
import { number } from "../text/units";
import { sayNotKept, useSetting } from "./values";

export function Group({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <section className="group">
      <h2>{title}</h2>
      {about && <p className="group-about">{about}</p>}
      <div className="group-fields">{children}</div>
    </section>
  );
}

export function Field(props: {
  name: string;
  about: string;
  outcome?: Outcome | undefined;
  control: (ids: { labelledBy: string; describedBy: string }) => ReactNode;
  wide?: boolean;
}) {
  const labelledBy = useId();
  const describedBy = useId();
  return (
    <div className={`setting ${props.wide ? "wide" : ""}`}>
      <div className="setting-words">
        <span id={labelledBy} className="setting-name">
          {props.name}
        </span>
        <span id={describedBy} className="setting-about">
          {props.about}
        </span>
        <Said outcome={props.outcome} />
      </div>
      <div className="setting-control">{props.control({ labelledBy, describedBy })}</div>
    </div>
  );
}

/** “Saved” for a moment, or why not until it is right. */
export function Said({ outcome }: { outcome: Outcome | undefined }) {
  const t = useText();
  const [shown, setShown] = useState<Outcome>();
  useEffect(() => {
    setShown(outcome);
    if (outcome?.kind !== "saved" || outcome.note) return;
    const timer = setTimeout(() => setShown(undefined), 2500);
    return () => clearTimeout(timer);
  }, [outcome]);
  return (
    <span role="status" className="setting-said">
      {shown?.kind === "saved" && (
        <span className="setting-saved">
          <Icon name="check" size={14} />
          {t.settings.saved}
          {shown.note ? `. ${shown.note}` : ""}
        </span>
      )}
      {shown?.kind === "failed" && (
        <span className="setting-failed">
          <Icon name="alert" size={14} />
          {`${t.settings.notSaved}: ${shown.message}`}
        </span>
      )}
    </span>
  );
}

export function FlagSetting({ of, name, about }: { of: string; name: string; about: string }) {
  const { value, set, outcome } = useSetting(of);
  return (
    <Field
      name={name}
      about={about}
      outcome={outcome}
      control={({ describedBy }) => (
        <Switch on={value === true} label={name} describedBy={describedBy} onChange={(on) => void set(on)} />
      )}
    />
  );
}

/** A field that goes, by a shortcut say, keeps what was typed as one that is left does. */
function useLeaving(keep: () => void): void {
  const last = useRef(keep);
  useLayoutEffect(() => {
    last.current = keep;
  });
  useEffect(() => () => last.current(), []);
}

type Bounds = {
  min: number;
  max: number;
  unit?: string;
  /** Digits behind the point; none for whole numbers. */
  digits?: number;
};

/** The number that was typed, with either mark for its fraction; undefined when it is none that fits. */
export function numberIn(typed: string, { min, max, digits = 0 }: Bounds): number | undefined {
  const shape = digits > 0 ? new RegExp(`^\\d+(?:[.,]\\d{1,${digits}})?$`) : /^\d+$/;
  if (!shape.test(typed.trim())) return undefined;
  const value = Number(typed.trim().replace(",", "."));
  return value < min || value > max ? undefined : value;
}

export function NumberSetting({
  of,
  name,
  about,
  min,
  max,
  unit,
  digits = 0,
}: { of: string; name: string; about: string } & Bounds) {
  const t = useText();
  const { value, set, outcome } = useSetting(of);
  const [draft, setDraft] = useState<string>();
  const [wrong, setWrong] = useState<Outcome>();
  const keep = (refuse: (why: { kind: "failed"; message: string }) => void = setWrong) => {
    if (draft === undefined) return;
    const wanted = numberIn(draft, { min, max, digits });
    if (wanted === undefined) {
      const range = digits > 0 ? t.settings.rangeWithFraction : t.settings.range;
      refuse({ kind: "failed", message: range(number(min), number(max)) });
      return;
    }
    setWrong(undefined);
    setDraft(undefined);
    if (wanted !== value) void set(wanted);
  };
  useLeaving(() => keep((why) => sayNotKept({ kind: "failed", message: `${name}: ${why.message}` })));
  return (
    <Field
      name={name}
      about={about}
      outcome={wrong ?? outcome}
      control={({ labelledBy, describedBy }) => (
        <>
          <input
            className="field number-field"
            inputMode={digits > 0 ? "decimal" : "numeric"}
            aria-labelledby={labelledBy}
            aria-describedby={describedBy}
            aria-invalid={wrong !== undefined}
            value={draft ?? String(value ?? "")}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={() => keep()}
            onKeyDown={(event) => {
              if (event.key === "Enter") keep();
            }}
          />
          {unit && <span className="setting-unit">{unit}</span>}
        </>
      )}
    />
  );
}

/** A line of text. What the runtime does not take stays in the field, with its words on why. */
export function TextSetting(props: {
  of: string;
  name: string;
  about: string;
  placeholder?: string;
  /** Told when another text holds. */
  changed?: () => void;
  /** What belongs below the field while this text is in it. */
  below?: (text: string, keep: () => void) => ReactNode;
}) {
  const { value, set, outcome } = useSetting(props.of);
  const [draft, setDraft] = useState<string>();
  const shown = draft ?? String(value ?? "");
  const keep = async () => {
    if (draft === undefined) return;
    if (draft.trim() === value) return setDraft(undefined);
    if (!(await set(draft.trim()))) return;
    setDraft((now) => (now === draft ? undefined : now));
    props.changed?.();
  };
  useLeaving(() => void keep());
  return (
    <Field
      wide
      name={props.name}
      about={props.about}
      outcome={outcome}
      control={({ labelledBy, describedBy }) => (
        <>
          <input
            className="field text-field"
            spellCheck={false}
            autoComplete="off"
            placeholder={props.placeholder}
            aria-labelledby={labelledBy}
            aria-describedby={describedBy}
            aria-invalid={draft !== undefined && outcome?.kind === "failed"}
            value={shown}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={() => void keep()}
            onKeyDown={(event) => {
              if (event.key === "Enter") void keep();
              else if (event.key === "Escape" && draft !== undefined) {
                event.stopPropagation();
                setDraft(undefined);
              }
            }}
          />
          {props.below?.(shown, () => void keep())}
        </>
      )}
    />
  );
}

export function ChoiceSetting(props: {
  of: string;
  name: string;
  about: string;
  options: readonly { value: string; name: string }[];
  /** Shown while the runtime has not told. */
  usual?: string;
  /** What an option stands for in the file, where that is no text. */
  read?: (option: string) => Value;
}) {
  const { read = (option) => option } = props;
  const { value, set, outcome } = useSetting(props.of);
  return (
    <Field
      name={props.name}
      about={props.about}
      outcome={outcome}
      control={({ labelledBy, describedBy }) => (
        <Select
          aria-labelledby={labelledBy}
          aria-describedby={describedBy}
          value={String(value ?? props.usual ?? "")}
          onChange={(event) => void set(read(event.target.value))}
        >
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.name}
            </option>
          ))}
        </Select>
      )}
    />
  );
}
