/** The session that the prompt asks: the one of before, or one that is made with the next question. */
import { useCallback, useEffect, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { SessionStore } from "../session/store";
import { followed } from "../state/open";
import { lately, note } from "./lately";

export function useSession() {
  const [store, setStore] = useState(() => {
    const before = lately();
    return before === undefined ? undefined : followed(before);
  });
  const latest = useRef(store);
  latest.current = store;
  /** The session that is asked, or that is being made; without it the next words would make another. */
  const target = useRef(store && Promise.resolve(store));

  /** The next words begin a session of their own. */
  const begin = useCallback(() => {
    target.current = undefined;
    latest.current = undefined;
    note(undefined);
    setStore(undefined);
  }, []);

  // One that was deleted, or is not there any more, takes no words.
  useEffect(() => {
    if (!store) return;
    const look = () => {
      if (store.state.get().view.gone && latest.current === store) begin();
    };
    look();
    return store.state.subscribe(look);
  }, [store, begin]);

  const made = (): Promise<SessionStore> => {
    if (target.current) return target.current;
    const making = jamey()
      .createSession({})
      .then(({ id }) => followed(id));
    target.current = making;
    const isWanted = () => target.current === making;
    making.then(
      (store) => {
        if (!isWanted()) return;
        note(store.id);
        setStore(store);
      },
      () => isWanted() && begin(),
    );
    return making;
  };

  /**
   * Says words in the session that is asked; `begun` hears that they are on its page. Where that session is gone they
   * go into another. Throws what was said against them.
   */
  const say = async (where: Promise<SessionStore>, words: string, begun: () => void) => {
    const one = await where;
    begun();
    try {
      await one.say(words);
    } catch (thrown) {
      if (asError(thrown).code !== "not_found") throw thrown;
      if (target.current === where) begin();
      await (await made()).say(words);
    }
  };

  /** The prompt is used, or was until now. */
  const used = useCallback(() => {
    if (latest.current) note(latest.current.id);
  }, []);

  /** The prompt is there again: after a rest it begins anew, unless it still waits for an answer. */
  const goOn = useCallback(() => {
    const one = latest.current;
    if (one && !one.state.get().view.turn && lately() !== one.id) begin();
    else used();
  }, [begin, used]);

  return { store, target, begin, made, say, used, goOn };
}
