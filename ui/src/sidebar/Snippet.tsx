/** A passage of a search, its matches marked with brackets by the runtime. */
import { clean } from "../parts/visible";

export function Snippet({ text }: { text: string }) {
  const parts = clean(text)
    .replace(/\*\*|__|`/g, "")
    .split(/[[\]]/);
  return (
    <span className="snippet">
      {parts.map((part, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
        at % 2 === 1 ? <mark key={at}>{part}</mark> : part,
      )}
    </span>
  );
}
