/** What a search found: sessions by their title, and passages of what was said. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Session } from "../generated/bindings";
import { fits } from "../parts/listbox";
import { isAway, sessions, titleOf } from "../state/sessions";
import { useStore } from "../state/store";
import { useText } from "../text";
import { SessionRow } from "./SessionRow";
import { Snippet } from "./Snippet";
import type { Search } from "./search";

/** So many titles are shown at once. */
const TITLES = 20;

export function Found(props: {
  wish: string;
  search: Search;
  open: (id: string, item?: string) => void;
  hereId: string;
}) {
  const t = useText();
  const { wish, search } = props;
  const { list, isCut } = useStore(sessions);
  const listed = useMemo(() => new Map(list.map((session) => [session.id, session])), [list]);
  const isTitled = (session: Session) => fits(titleOf(session), wish);
  // At once those of the list; then those that the list does not reach.
  const titled = [
    ...list.filter(isTitled),
    ...search.titled.filter((one) => !listed.has(one.id) && !isAway(one.id) && (search.isSettled || isTitled(one))),
  ];
  // A list that holds all of them has no more to be found.
  const moreTitled = isCut ? search.moreTitled : undefined;
  const [shown, setShown] = useState({ wish, most: TITLES });
  const most = shown.wish === wish ? shown.most : TITLES;
  // Of those that were found so far all may be away, and more may be left to be found.
  const hits = (search.hits ?? []).filter((hit) => !isAway(hit.session));
  return (
    <div>
      <Told
        wish={wish}
        // What was found for other words says nothing of these.
        words={
          search.isSettled ? t.sidebar.found(titled.length, hits.length, Boolean(moreTitled ?? search.moreHits)) : ""
        }
      />
      {titled.length > 0 && (
        <section aria-label={t.sidebar.titles}>
          <h2>{t.sidebar.titles}</h2>
          <ul>
            {titled.slice(0, most).map((session) => (
              <SessionRow key={session.id} session={session} isHere={session.id === props.hereId} open={props.open} />
            ))}
          </ul>
          {(titled.length > most || moreTitled) && (
            <More
              label={t.sidebar.moreTitles}
              count={Math.min(titled.length, most)}
              ask={() => {
                setShown({ wish, most: most + 5 * TITLES });
                // Before the last that are known are shown, so that they do not end there.
                if (titled.length <= most + 5 * TITLES) moreTitled?.();
              }}
              isAsking={search.isAsking && titled.length <= most}
            />
          )}
        </section>
      )}
      {(hits.length > 0 || search.moreHits) && (
        <section aria-label={t.sidebar.passages}>
          <h2>{t.sidebar.passages}</h2>
          <ul>
            {hits.map((hit) => (
              <li key={hit.item.id} className="session">
                <button
                  type="button"
                  className="session-open"
                  data-session={hit.session}
                  data-passage=""
                  onClick={() => props.open(hit.session, hit.item.id)}
                >
                  <span className="session-title">{titleOf(listed.get(hit.session) ?? { title: hit.title })}</span>
                  <Snippet text={hit.snippet} />
                </button>
              </li>
            ))}
          </ul>
          {search.moreHits && (
            <More label={t.sidebar.morePassages} count={hits.length} ask={search.moreHits} isAsking={search.isAsking} />
          )}
        </section>
      )}
      {search.error && !search.isAsking && (
        <p className="sidebar-empty sidebar-failed" role="alert">
          {`${t.sidebar.searchFailed}: ${search.error.message}.`}
          {search.error.hint && <span>{search.error.hint}</span>}
          <button type="button" className="button" onClick={search.again}>
            {t.app.retry}
          </button>
        </p>
      )}
      {search.hits && !search.error && !search.moreHits && hits.length === 0 && titled.length === 0 && (
        <p className="sidebar-empty">
          {t.sidebar.none}
          <span>{t.sidebar.noneHint}</span>
        </p>
      )}
    </div>
  );
}

const REST_MS = 700;

/** How much was found, for whoever does not see it: once the typing rests, not with each letter. */
function Told({ wish, words }: { wish: string; words: string }) {
  const [said, setSaid] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: another letter begins the rest anew
  useEffect(() => {
    // As many as before are said again.
    setSaid("");
    if (words === "") return;
    const timer = setTimeout(() => setSaid(words), REST_MS);
    return () => clearTimeout(timer);
  }, [wish, words]);
  return (
    <p role="status" className="unseen">
      {said}
    </p>
  );
}

/** Asks for more rows; the focus goes on to the first of them. */
function More(props: { label: string; count: number; ask: () => void; isAsking: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  const from = useRef<{ list: Element | null | undefined; count: number }>(undefined);
  const lead = () => {
    const asked = from.current;
    const row = asked?.list?.querySelectorAll<HTMLElement>("[data-session]")[asked.count];
    if (!row) return;
    from.current = undefined;
    // Not from where the person went meanwhile.
    const at = document.activeElement;
    if (!at || at === document.body || at === button.current) row.focus();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once more rows are there
  useEffect(() => {
    lead();
    // With the last rows this button goes.
    return () => void queueMicrotask(lead);
  }, [props.count]);
  return (
    <button
      ref={button}
      type="button"
      className="sidebar-more"
      aria-busy={props.isAsking}
      onClick={(event) => {
        if (props.isAsking) return;
        from.current = { list: event.currentTarget.previousElementSibling, count: props.count };
        props.ask();
      }}
    >
      {props.label}
      {props.isAsking && <span className="spinner" />}
    </button>
  );
}
