/** What is long is shown by its first lines, and all of it on request. */
import { type ReactNode, useState } from "react";
import { useText } from "../text";

/**
 * How many of `count` rows to show, and the button for all of them where that is not all. It names the lines that they
 * stand for, if a row may stand for several.
 */
export function useBeginning(count: number, most: number, lines = count): { shown: number; more: ReactNode } {
  const t = useText();
  const [isAll, setAll] = useState(false);
  if (isAll || count <= most) return { shown: count, more: null };
  const more = (
    <button type="button" className="code-more" onClick={() => setAll(true)}>
      {t.conversation.showAll(lines)}
    </button>
  );
  return { shown: most, more };
}
