/** Files whose paths fit what is typed after `@`; asked soon after the last letter, older answers are dropped. */
import { useEffect, useMemo, useState } from "react";
import { jamey } from "../api";
import type { FoundFile } from "../generated/bindings";
import { fits } from "../parts/listbox";

const SOON_MS = 60;
const NOTHING: readonly FoundFile[] = [];

/** What was asked, and what came of it. */
export type Found = { place: string; words: string; files: readonly FoundFile[] };

/** What may be offered for those words: until their own answer is there, those of the last one that fit them too. */
export function offered(found: Found | undefined, place: string, words: string | undefined) {
  if (!found || words === undefined || found.place !== place) return NOTHING;
  return found.words === words ? found.files : found.files.filter((file) => fits(file.path, words));
}

/** Files of a session's folder, of one that was picked, or of the usual one. */
export function useFound(
  session: string | undefined,
  folder: string | undefined,
  words: string | undefined,
): readonly FoundFile[] {
  const [found, setFound] = useState<Found>();
  const place = session ?? folder ?? "";
  useEffect(() => {
    if (words === undefined) return setFound(undefined);
    let isOld = false;
    const timer = setTimeout(() => {
      const tell = (files: readonly FoundFile[]) => !isOld && setFound({ place, words, files });
      jamey()
        .findFiles(session, folder, words)
        // Completion only helps: what is typed stays as it is.
        .then(tell, () => tell(NOTHING));
    }, SOON_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [session, folder, place, words]);
  return useMemo(() => offered(found, place, words), [found, place, words]);
}
