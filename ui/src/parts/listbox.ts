/** A list that is moved through from a text field: the field keeps the focus, the list says which one is meant. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

export function useListbox(count: number, choose: (at: number) => void, reset: unknown) {
  const [active, setActive] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  // Another query begins at the top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the query is what it depends on
  useEffect(() => setActive(0), [reset]);

  const at = count === 0 ? -1 : Math.min(active, count - 1);
  useEffect(() => {
    if (at < 0) return;
    list.current?.querySelector(`[id="${id}-${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at, id]);

  /** Takes the keys that belong to the list; tells whether it did. */
  const onKey = (event: KeyboardEvent): boolean => {
    if (count === 0) return false;
    if (event.key === "ArrowDown") setActive((at + 1) % count);
    else if (event.key === "ArrowUp") setActive((at - 1 + count) % count);
    else if (event.key === "Enter") choose(at);
    else return false;
    event.preventDefault();
    return true;
  };

  const lines = {
    "aria-controls": id,
    "aria-autocomplete": "list" as const,
    "aria-activedescendant": at >= 0 ? `${id}-${at}` : undefined,
  };
  return {
    at,
    setActive,
    onKey,
    field: { role: "combobox" as const, "aria-expanded": count > 0, ...lines },
    /** For a field of several lines, which stays a text box: it may not be a combobox. */
    lines,
    list: { ref: list, id, role: "listbox" as const },
    option: (place: number) => ({
      id: `${id}-${place}`,
      role: "option" as const,
      "aria-selected": place === at,
      tabIndex: -1,
      onMouseMove: () => {
        if (place !== at) setActive(place);
      },
      onClick: () => choose(place),
    }),
  };
}

/** Small letters without their accents, as the runtime's search takes them. */
const plain = (text: string) =>
  text
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "");

/** Tells whether all words of a wish are in a text. */
export function fits(text: string, wish: string): boolean {
  const there = plain(text);
  return plain(wish)
    .split(/\s+/)
    .every((word) => there.includes(word));
}
