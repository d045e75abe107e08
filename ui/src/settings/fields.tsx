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
  /** What it is called in files. */
  id?: string;
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
          {props.id && <code className="setting-id">{props.id}</code>}
        </span>
        {props.about && (
          <span id={describedBy} className="setting-about">
            {props.about}
          </span>
        )}
        <Said outcome={props.outcome} />
      </div>
      <div className="setting-control">
        {props.control({ labelledBy, describedBy: props.about ? describedBy : "" })}
      </div>
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
  /** Stands in the field, after the number. */
  unit?: string;
  /** Stands in the field, before the number. */
  sign?: string;
  /** What 0 means, and an empty field with it. */
  none?: string;
  /** Digits behind the point; none for whole numbers. */
  digits?: number;
  /** A number that is a name, such as a port, has no groups of digits. */
  isName?: boolean;
};

/**
 * The number that was typed, with groups of digits as they are shown, and else with either mark for its fraction;
 * undefined when it is none that fits.
 */
export function numberIn(typed: string, { min, max, digits = 0, none }: Bounds): number | undefined {
  const words = typed.trim();
  if (none && words === "") return 0;
  const group = number(1000).slice(1, -3);
  const isGrouped = group !== "" && words.includes(group) && number(Number(words.replaceAll(group, ""))) === words;
  const plain = isGrouped ? words.replaceAll(group, "") : words;
  const shape = digits > 0 ? new RegExp(`^\\d+(?:[.,]\\d{1,${digits}})?$`) : /^\d+$/;
  if (!shape.test(plain)) return undefined;
  const value = Number(plain.replace(",", "."));
  return value < min || value > max ? undefined : value;
}

/** A number as it is read: with groups of digits, and cents where there are some. */
function readable(value: number, { digits = 0, isName }: Bounds): string {
  if (isName) return String(value);
  const behind = String(value).split(".")[1]?.length ?? 0;
  return number(value, behind === 0 ? 0 : Math.min(digits, Math.max(2, behind)));
}

export function NumberSetting(
  props: {
    of: string;
    name: string;
    about?: string;
    /** What it is called where its group is not seen. */
    label?: string;
  } & Bounds,
) {
  const t = useText();
  const { of, name, about = "", label, min, max, unit, sign, none, digits = 0 } = props;
  const { value, set, outcome } = useSetting(of);
  const [draft, setDraft] = useState<string>();
  const [isHere, setHere] = useState(false);
  const [wrong, setWrong] = useState<Outcome>();
  const unitId = useId();
  const keep = (refuse: (why: { kind: "failed"; message: string }) => void = setWrong) => {
    if (draft === undefined) return;
    const wanted = numberIn(draft, props);
    if (wanted === undefined) {
      const range = digits > 0 ? t.settings.rangeWithFraction : t.settings.range;
      refuse({ kind: "failed", message: range(number(min), number(max)) });
      return;
    }
    setWrong(undefined);
    setDraft(undefined);
    if (wanted !== value) void set(wanted);
  };
  useLeaving(() => keep((why) => sayNotKept({ kind: "failed", message: `${label ?? name}: ${why.message}` })));
  const isNone = none !== undefined && (draft === undefined ? value === 0 : draft === "");
  const shown = typeof value !== "number" || isNone ? "" : isHere ? String(value) : readable(value, props);
  return (
    <Field
      name={name}
      about={about}
      outcome={wrong ?? outcome}
      control={({ labelledBy, describedBy }) => (
        <label className="number">
          {sign && !isNone && <span className="number-sign">{sign}</span>}
          <input
            className="number-field"
            inputMode={digits > 0 ? "decimal" : "numeric"}
            {...(label ? { "aria-label": label } : { "aria-labelledby": labelledBy })}
            aria-describedby={unit ? `${describedBy} ${unitId}`.trim() : describedBy}
            aria-invalid={wrong !== undefined}
            placeholder={none}
            value={draft ?? shown}
            onChange={(event) => setDraft(event.target.value)}
            onFocus={() => setHere(true)}
            onBlur={() => {
              setHere(false);
              keep();
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") keep();
              else if (event.key === "Escape" && draft !== undefined) {
                event.stopPropagation();
                setDraft(undefined);
                setWrong(undefined);
              }
            }}
          />
          {unit && (
            <span id={unitId} className="number-unit" hidden={isNone}>
              {unit}
            </span>
          )}
        </label>
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
  const refused = useRef<string>(undefined);
  const keep = async () => {
    if (draft === undefined) return;
    if (draft.trim() === value) return setDraft(undefined);
    if (!(await set(draft.trim()))) {
      refused.current = draft;
      return;
    }
    refused.current = undefined;
    setDraft((now) => (now === draft ? undefined : now));
    props.changed?.();
  };
  // What was refused is said beside the field, and not sent again because that goes.
  useLeaving(() => {
    if (draft !== refused.current) void keep();
  });
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
  /** Takes an option, or asks before. */
  take?: (option: string, now: Value | undefined, set: () => void) => void;
}) {
  const { read = (option) => option, take = (_option, _now, set) => set() } = props;
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
          onChange={({ target: { value: option } }) => take(option, value, () => void set(read(option)))}
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
