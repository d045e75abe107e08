/**
 * What references of a text lead to, wherever it is defined: links by their names, and footnotes. The parser takes a
 * reference for one only if it knows the name.
 */
import type { RootContent } from "mdast";
import type { Extension, Tokenizer } from "micromark-util-types";

export type Known = { links: ReadonlyMap<string, string>; notes: ReadonlySet<string> };

export const NOTHING: Known = { links: new Map(), notes: new Set() };

/** What is known with those nodes; of two definitions of a name the first counts. */
export function withThose(known: Known, nodes: readonly RootContent[]): Known {
  const links = new Map(known.links);
  const notes = new Set(known.notes);
  for (const node of nodes) {
    if (node.type === "footnoteDefinition") notes.add(node.identifier);
    else if (node.type === "definition" && !links.has(node.identifier)) links.set(node.identifier, node.url);
  }
  return links.size === known.links.size && notes.size === known.notes.size ? known : { links, notes };
}

/** The names that a text may refer to, in small letters, those of footnotes with their caret. */
function* labels(source: string): Generator<string> {
  for (const [, label] of source.matchAll(/\[((?:[^[\]\\]|\\[\s\S])+)\]/g)) {
    yield label!.replace(/\s+/g, " ").trim().toLowerCase();
  }
}

/** Tells whether a text has a reference that leads elsewhere with the one than with the other. */
export function differs(source: string, before: Known, now: Known): boolean {
  if (before === now) return false;
  for (const label of labels(source)) {
    if (before.links.get(label) !== now.links.get(label)) return true;
    if (label.startsWith("^") && before.notes.has(label.slice(1)) !== now.notes.has(label.slice(1))) return true;
  }
  return false;
}

/** Tells the parser which names of a text are defined elsewhere, before it reads anything; for that text alone. */
export function knowing(source: string, known: Known): Extension[] {
  if (known === NOTHING) return [];
  const all = [...new Set(labels(source))];
  // It compares them in capitals.
  const links = all.filter((label) => known.links.has(label)).map((label) => label.toUpperCase());
  const notes = all
    .filter((label) => label.startsWith("^") && known.notes.has(label.slice(1)))
    .map((label) => label.slice(1).toUpperCase());
  if (links.length + notes.length === 0) return [];
  let isTold = false;
  const tokenize: Tokenizer = function (_, __, nok) {
    if (!isTold) {
      this.parser.defined.push(...links);
      this.parser.gfmFootnotes = [...(this.parser.gfmFootnotes ?? []), ...notes];
    }
    isTold = true;
    return nok;
  };
  return [{ flow: { null: { name: "known", tokenize } } }];
}
