/** A button for each text that there is to ask about: off, and without a word of it, until it is chosen. */
import { asError } from "../api";
import { Icon } from "../parts/icons";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { beginning, cut } from "./excerpt";
import { KINDS, type Kind, offers, toggle } from "./offers";

export function Chips({ then }: { then: () => void }) {
  const { offered } = useStore(offers);
  const kinds = KINDS.filter((kind) => offered[kind]);
  if (kinds.length === 0) return null;
  return (
    <div className="quick-chips">
      {kinds.map((kind) => (
        <Chip key={kind} kind={kind} letters={offered[kind]?.letters ?? 0} then={then} />
      ))}
    </div>
  );
}

function Chip({ kind, letters, then }: { kind: Kind; letters: number; then: () => void }) {
  const t = useText();
  const { chosen } = useStore(offers);
  const excerpt = chosen.get(kind);
  const name = excerpt ? t.quick[kind] : t.quick.offer(t.quick[kind], letters);
  const first = excerpt && beginning(excerpt);
  const mark = excerpt && cut(excerpt, t);
  return (
    <button
      type="button"
      className="chip"
      aria-pressed={excerpt !== undefined}
      aria-label={t.quick.attach([name, first, mark].filter(Boolean).join(" "))}
      title={excerpt?.text.slice(0, 400)}
      onClick={() => {
        toggle(kind).catch((thrown) => sayError(t.quick.attach(t.quick[kind]), asError(thrown)));
        then();
      }}
    >
      <Icon name={excerpt ? "check" : "plus"} size={14} />
      {/* The spaces part words for whoever reads what is seen. */}
      {name} {first && <span className="quiet chip-words">{first}</span>}{" "}
      {mark && <span className="chip-cut">{mark}</span>}
    </button>
  );
}
