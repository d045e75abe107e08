/** A passage of a search, its matches marked with brackets by the runtime. */
import { passage } from "./passage";

export function Snippet({ text }: { text: string }) {
  return (
    <span className="snippet">
      {passage(text).map((part, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
        at % 2 === 1 ? <mark key={at}>{part}</mark> : part,
      )}
    </span>
  );
}
