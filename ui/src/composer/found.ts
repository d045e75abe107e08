/** Files whose paths contain what is typed after `@`; asked soon after the last letter, older answers are dropped. */
import { useEffect, useState } from "react";
import { jamey } from "../api";
import type { FoundFile } from "../generated/bindings";

const SOON_MS = 60;
const NOTHING: readonly FoundFile[] = [];

export function useFound(
  session: string | undefined,
  folder: string | undefined,
  words: string | undefined,
): readonly FoundFile[] {
  const [found, setFound] = useState(NOTHING);
  useEffect(() => {
    if (words === undefined) return setFound(NOTHING);
    let isOld = false;
    const timer = setTimeout(() => {
      jamey()
        .findFiles(session, folder, words)
        .then(
          (files) => !isOld && setFound(files),
          // Completion only helps: what is typed stays as it is.
          () => !isOld && setFound(NOTHING),
        );
    }, SOON_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [session, folder, words]);
  return found;
}
