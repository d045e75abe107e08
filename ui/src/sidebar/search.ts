/** What the runtime finds in titles and in what was said, and more of it when that is asked for. */
import { useEffect, useState } from "react";
import { asError, jamey } from "../api";
import type { ApiError, Hit, SearchPage, Session } from "../generated/bindings";

const SOON_MS = 120;
/** So many first, then so many times as many, up to what the runtime gives at once. */
const FIRST = 30;
const TIMES = 4;
const MOST = 1000;

export type Search = {
  hits?: readonly Hit[];
  /** Those of all sessions whose title fits, the list's among them. */
  titled: readonly Session[];
  error?: ApiError;
  /** Asks again after a failure. */
  again: () => void;
  /** Asks for more of both; absent where there is no more to be had. */
  moreHits?: () => void;
  moreTitled?: () => void;
  isAsking: boolean;
  /** What is here was found for these words. */
  isSettled: boolean;
};

type Wish = { words: string; most: number; tries: number };
type Answer = Wish & { page?: SearchPage; error?: ApiError };

const NONE: readonly Session[] = [];

/** Asks soon after the last letter; an answer to an older wish is dropped. */
export function useSearch(wish: string): Search {
  const words = wish.trim();
  const [last, setLast] = useState<Wish>({ words, most: FIRST, tries: 0 });
  const [found, setFound] = useState<Answer>();
  // Other words begin anew.
  const now = last.words === words ? last : { words, most: FIRST, tries: 0 };
  const { most, tries } = now;
  useEffect(() => {
    if (words === "") return setFound(undefined);
    const asked = { words, most, tries };
    let current = true;
    const ask = () =>
      jamey()
        .search(words, most)
        .then(
          (page) => current && setFound({ ...asked, page }),
          // What was found before for the same words stays.
          (thrown) =>
            current &&
            setFound((before) => ({
              ...asked,
              ...(before?.words === words && before.page ? { page: before.page } : {}),
              error: asError(thrown),
            })),
        );
    const timer = setTimeout(ask, most > FIRST || tries > 0 ? 0 : SOON_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words, most, tries]);
  const more = () => setLast({ ...now, most: Math.min(MOST, most * TIMES) });
  // As many as were asked for: there may be more.
  const isMore = (rows?: readonly unknown[]) =>
    found?.words === words && (rows?.length ?? 0) >= found.most && found.most < MOST;
  return {
    ...(found?.page ? { hits: found.page.data } : {}),
    titled: found?.page?.sessions ?? NONE,
    ...(found?.error ? { error: found.error } : {}),
    isAsking: found?.words === words && (found.most !== most || found.tries !== tries),
    isSettled: found?.words === words && found.error === undefined,
    again: () => setLast({ ...now, tries: tries + 1 }),
    ...(isMore(found?.page?.data) ? { moreHits: more } : {}),
    ...(isMore(found?.page?.sessions) ? { moreTitled: more } : {}),
  };
}
