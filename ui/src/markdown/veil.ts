/**
 * Hides what is read as it stands (code, formulas, characters behind a backslash), so that a mark within it is not
 * taken for one. The last of them may still be open: code is closed, half a formula is shown as code.
 */

/** Stands for what is hidden. */
const VEIL = "\ue000";
const MARKS = /`+|\$+|\\[\s\S]?|\ue000/g;
/** Before what has a line of its own, in whatever list or quote. */
const LINE_START = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*$/;

export type Veiled = { text: string; unveil: (text: string) => string };

/** Nothing where the end is half a formula with lines of its own, which is complete as it is. */
export function veiled(text: string): Veiled | undefined {
  const hidden: string[] = [];
  let rest = "";
  let done = 0;
  const hide = (from: number, to: number, shown = text.slice(from, to)) => {
    rest += text.slice(done, from) + VEIL;
    hidden.push(shown);
    done = to;
  };

  let open: { mark: string; at: number } | undefined;
  for (const { 0: mark, index: at } of text.matchAll(MARKS)) {
    const end = at + mark.length;
    if (open && closes(text, open.mark, mark, at)) {
      // What comes next decides whether a dollar closes.
      const isUnsure = mark === "$" && end === text.length;
      hide(open.at, end, text.slice(open.at, isUnsure ? at : end));
      open = undefined;
    } else if (!open || !holds(open.mark, mark)) {
      open = opens(text, mark, at) ? { mark, at } : undefined;
      if (mark === "\\") hide(at, end, "");
      else if (!open && !mark.startsWith("$")) hide(at, end);
    }
  }
  if (open && open.mark !== "$") {
    const { mark, at } = open;
    const shown = text.slice(at);
    const isLine = /^(?:\$|\\\[)/.test(mark) && LINE_START.test(text.slice(text.lastIndexOf("\n", at) + 1, at));
    if (isLine) return undefined;
    // At the very end it is a mark that has just begun.
    if (shown === mark) hide(at, text.length, "");
    else hide(at, text.length, mark.startsWith("`") ? shown + mark : `\`${shown.trimEnd()}\``);
  }
  let next = 0;
  return { text: rest + text.slice(done), unveil: (closed) => closed.replaceAll(VEIL, () => hidden[next++] ?? "") };
}

function opens(text: string, mark: string, at: number): boolean {
  // Dollars are also money: half of that is no formula.
  if (mark === "$") return /\S/.test(text[at + 1] ?? " ");
  return mark.startsWith("`") || mark.startsWith("$") || mark === "\\(" || mark === "\\[";
}

/** Tells whether what is open goes on behind a mark; else it was nothing. */
function holds(open: string, mark: string): boolean {
  if (open.startsWith("`")) return true;
  if (mark.startsWith("`") || mark === open) return false;
  return open === "$" ? !mark.startsWith("$") : !open.startsWith("$") || mark === "$" || !mark.startsWith("$");
}

function closes(text: string, open: string, mark: string, at: number): boolean {
  if (open === "\\(") return mark === "\\)";
  if (open === "\\[") return mark === "\\]";
  if (open !== mark) return false;
  return mark !== "$" || (/\S/.test(text[at - 1] ?? " ") && !/\d/.test(text[at + 1] ?? ""));
}
