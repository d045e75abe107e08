/** Text that is too long for the field: pasted, it becomes a file; what is in the field can become one, and back. */
import type { ClipboardEvent, RefObject } from "react";
import { flushSync } from "react-dom";
import { asError } from "../api";
import { MOST_FILES } from "../attach/check";
import type { Dropped } from "../attach/drop";
import { asFile, isLong } from "../attach/pasted";
import { type Held, remove, wordsOf } from "../attach/pile";
import { say, sayError } from "../state/toasts";
import { text } from "../text";

type Field = {
  draftKey: string;
  draft: string;
  held: readonly Held[];
  area: RefObject<HTMLTextAreaElement | null>;
  /** Adds files; tells whether it did. */
  give: (offered: readonly Dropped[]) => boolean;
  write: (text: string) => void;
};

export function useLongText({ draftKey, draft, held, area, give, write }: Field) {
  const onPaste = (event: ClipboardEvent) => {
    const words = event.clipboardData.getData("text/plain");
    if (!isLong(words) || held.length >= MOST_FILES) return;
    event.preventDefault();
    if (give([asFile(words, held)])) say({ text: text().attach.pasted }, 4000);
  };

  const makeFile = (): boolean => {
    const isMade = give([asFile(draft, held)]);
    if (isMade) write("");
    return isMade;
  };

  /** Puts the words of a file where the caret is. */
  const putBack = async (one: Held) => {
    try {
      const words = await wordsOf(one);
      const box = area.current;
      // The person is with another session: it stays a file.
      if (!box) return;
      const { value, selectionStart: from, selectionEnd: to } = box;
      // At once: the next letter may come before the next frame.
      flushSync(() => {
        remove(draftKey, one.key);
        write(value.slice(0, from) + words + value.slice(to));
      });
      box.focus();
      box.setSelectionRange(from + words.length, from + words.length);
    } catch (thrown) {
      sayError(text().attach.notShown(one.name), asError(thrown));
    }
  };

  return { onPaste, makeFile, putBack };
}
