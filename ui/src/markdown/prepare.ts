/**
 * Gets ready for the first answer. A webview reads a program's functions when they are first called, which takes some
 * twenty milliseconds for a parser; at the first words of an answer that would be a frame that everybody sees.
 */
import { cut, EMPTY } from "./blocks";
import { closeOpen } from "./close";
import { wantHighlighter } from "./highlight";

const SAMPLE =
  "# One\n\nA **bold** word, *another*, `code`, [a link](https://example.org) and\n\n- a list\n\n```sh\nls\n```\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n";

export function prepare(): void {
  wantHighlighter();
  cut(closeOpen(SAMPLE), EMPTY, true);
}
