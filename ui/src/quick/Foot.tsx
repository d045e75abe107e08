/** Below everything, quietly: who will answer, and the keys that do something now. */
import { useEffect, useRef } from "react";
import { shortModel } from "../composer/models";
import type { ConfigView } from "../generated/bindings";
import type { Shortcut } from "../palette/keys";
import type { Followed } from "../session/store";
import { type Asked, config, defaultOf, models } from "../state/asked";
import { type Store, usePart, useStore } from "../state/store";
import { at } from "../state/wishes";
import { useText } from "../text";

/** What a key does, and whether that is offered now. */
export type Act = { keys: Shortcut; label: string; isOffered: boolean; run: () => void };

export function Foot({ followed, acts }: { followed: Store<Followed | undefined>; acts: readonly Act[] }) {
  const t = useText();
  const model = useModel(followed);
  return (
    <footer className="quick-foot">
      {model && (
        <span className="quick-model" title={model}>
          <span className="unseen">{t.composer.model}: </span>
          {shortModel(model)}
        </span>
      )}
      <div className="quick-keys">
        {acts
          .filter(({ isOffered }) => isOffered)
          .map(({ keys, label, run }) => (
            <button
              key={keys.shown}
              type="button"
              // The caret stays where it is.
              onMouseDown={(event) => event.preventDefault()}
              onClick={run}
            >
              {label} <kbd>{keys.shown}</kbd>
            </button>
          ))}
      </div>
    </footer>
  );
}

const chosenIn = (now: Followed | undefined) => now?.view.session?.settings?.model;
const wishIn = ({ value }: Asked<ConfigView>) => at(value?.values, "models.default");

/** The model of the next turn, as far as it is known. */
function useModel(followed: Store<Followed | undefined>): string | undefined {
  const chosen = usePart(followed, chosenIn);
  const known = useStore(models.store).value;
  // The window may have chosen another meanwhile. Without that nobody is asked: each call of the prompt would ask providers.
  const wish = usePart(config.store, wishIn);
  const before = useRef(wish);
  useEffect(() => {
    if (before.current !== undefined && before.current !== wish) void models.again();
    before.current = wish;
  }, [wish]);
  return chosen ?? defaultOf(known ?? [])?.id;
}
