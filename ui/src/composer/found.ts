/** Files whose paths fit what is typed after `@`; asked soon after the last letter, older answers are dropped. */
import { useEffect, useMemo, useState } from "react";
import { jamey } from "../api";
import type { FoundFile } from "../generated/bindings";
import { fits } from "../parts/listbox";

const SOON_MS = 60;
const NOTHING: readonly FoundFile[] = [];

/** What was asked, and what came of it. */
export type Found = { cwd: string; words: string; files: readonly FoundFile[] };

/** What may be offered for those words: until their own answer is there, those of the last one that fit them too. */
export function offered(found: Found | undefined, cwd: string | undefined, words: string | undefined) {
  if (!found || words === undefined || found.cwd !== cwd) return NOTHING;
  return found.words === words ? found.files : found.files.filter((file) => fits(file.path, words));
}

export function useFound(cwd: string | undefined, words: string | undefined): readonly FoundFile[] {
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (words === undefined || cwd === undefined) return setFound(undefined);
    let isOld = false;
    const timer = setTimeout(() => {
      const tell = (files: readonly FoundFile[]) => !isOld && setFound({ cwd, words, files });
      jamey()
        .findFiles(cwd, words)
        // Completion only helps: what is typed stays as it is.
        .then(tell, () => tell(NOTHING));
    }, SOON_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [cwd, words]);
  return useMemo(() => offered(found, cwd, words), [found, cwd, words]);
}
