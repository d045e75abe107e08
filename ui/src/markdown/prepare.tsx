/**
 * Gets ready for the first answer. A webview reads a program's functions when they are first called and looks for a
 * font when it is first needed, which takes some twenty milliseconds each; at the first words of an answer that would
 * be a frame that everybody sees.
 */
import { createRoot } from "react-dom/client";
import { wantHighlighter } from "./highlight";
import { Drawn } from "./Markdown";

const SAMPLE =
  "# One\n\nA **bold** word, *another*, `code`, [a link](https://example.org) and\n\n- a list\n\n```sh\nls\n```\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n\nand `more";

/** Long enough that it is laid out, also where no frames come since nobody sees the window. */
const LAID_OUT_MS = 100;

export function prepare(): void {
  wantHighlighter();
  const place = document.createElement("div");
  place.className = "unseen";
  place.inert = true;
  document.body.append(place);
  const root = createRoot(place);
  root.render(<Drawn text={SAMPLE} isOpen />);
  setTimeout(() => {
    root.unmount();
    place.remove();
  }, LAID_OUT_MS);
}
