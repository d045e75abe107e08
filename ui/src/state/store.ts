/** The smallest store that React can follow. */
import { useRef, useSyncExternalStore } from "react";

export type Store<T> = {
  get(): T;
  set(next: T): void;
  update(change: (now: T) => T): void;
  subscribe(told: () => void): () => void;
};

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const told = new Set<() => void>();
  const set = (next: T) => {
    if (Object.is(next, value)) return;
    value = next;
    for (const tell of [...told]) tell();
  };
  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe: (tell) => {
      told.add(tell);
      return () => told.delete(tell);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** Follows a part; renders again only when that part is another. */
export function usePart<T, P>(store: Store<T>, part: (whole: T) => P): P {
  const last = useRef<{ whole: T; choose: (whole: T) => P; part: P }>(undefined);
  const get = () => {
    const whole = store.get();
    // Another choice, such as that of another session, has another part of the same whole.
    if (last.current && Object.is(last.current.whole, whole) && last.current.choose === part) return last.current.part;
    last.current = { whole, choose: part, part: part(whole) };
    return last.current.part;
  };
  return useSyncExternalStore(store.subscribe, get, get);
}
