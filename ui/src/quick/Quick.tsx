/** One line over everything: Enter asks, the answer appears below, Esc hides and keeps what was typed. */
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { asError, jamey } from "../api";
import { ConnectionBar } from "../ConnectionBar";
import { Conversation } from "../conversation/Conversation";
import { NextStep } from "../conversation/NextStep";
import type { ApiError, QuickContext } from "../generated/bindings";
import { LinkQuestion } from "../markdown/Link";
import { KEYS, pressed } from "../palette/keys";
import { IconButton } from "../parts/buttons";
import { isComposing } from "../parts/composing";
import { isCovered } from "../parts/float";
import { Icon } from "../parts/icons";
import { Toasts } from "../parts/Toasts";
import type { SessionStore } from "../session/store";
import { config } from "../state/asked";
import { addToDraft, draftOf, keepDraft, onDraft, sendDraft } from "../state/drafts";
import { followed } from "../state/open";
import { usePart, useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { beginning, cut, isSame, quote } from "./excerpt";
import { shown } from "./shown";

const KEY = "quick";

export function Quick() {
  const t = useText();
  const [draft, setDraft] = useState(() => draftOf(KEY));
  const [store, setStore] = useState<SessionStore>();
  const [context, setContext] = useState<QuickContext>({});
  const [chosen, setChosen] = useState<ReadonlySet<keyof QuickContext>>(new Set());
  const [failed, setFailed] = useState<ApiError>();
  const offered = useRef<QuickContext>({});
  const area = useRef<HTMLTextAreaElement>(null);
  const box = useRef<HTMLDivElement>(null);
  /** The session that is asked, or that is being made; without it the next words would make another. */
  const target = useRef<Promise<SessionStore>>(undefined);
  const asking = useRef<(question: string) => Promise<void>>(async () => {});

  const write = useCallback((text: string) => {
    setDraft(text);
    keepDraft(KEY, text);
  }, []);

  useEffect(() => onDraft(KEY, setDraft), []);

  useEffect(() => {
    area.current?.focus();
    // What lay here when nobody looked: that is written over. What came since was typed just now.
    let rest = area.current?.value ?? "";
    const onRest = () => {
      rest = area.current?.value ?? "";
    };
    addEventListener("blur", onRest);
    const stop = shown.subscribe(() => {
      void config.again();
      const { context, typed, entered } = shown.get();
      const found = context ?? {};
      // What was chosen stays chosen as long as it is the same.
      const before = offered.current;
      offered.current = found;
      // At once: what is asked below goes with what is chosen now.
      flushSync(() => {
        setContext(found);
        setChosen((all) => new Set([...all].filter((name) => found[name] && isSame(found[name], before[name]))));
      });
      area.current?.focus();
      const here = area.current?.value ?? "";
      if (typed) {
        const words = here === rest ? typed : typed + here;
        write(words);
        if (entered) void asking.current(words);
      } else if (here === rest) area.current?.select();
    });
    return () => {
      removeEventListener("blur", onRest);
      stop();
    };
  }, [write]);

  useHeight(box, store !== undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useLayoutEffect(() => {
    const field = area.current;
    if (!field) return;
    field.style.height = "0";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
  }, [draft]);

  const quoted = [...chosen].map((name) => (context[name] ? quote(context[name], t) : "")).join("");

  /** Opens the window with what was not asked yet. */
  const toMain = () => {
    const words = quoted + draft.trim();
    if (words !== "") addToDraft(store?.id ?? "new", words);
    write("");
    setChosen(new Set());
    if (store) void jamey().quickToMain(store.id);
    else
      void jamey()
        .showMain(null)
        .then(() => jamey().hideQuick());
  };

  const session = (): Promise<SessionStore> => {
    if (target.current) return target.current;
    const making = jamey()
      .createSession({})
      .then(({ id }) => followed(id));
    target.current = making;
    const isWanted = () => target.current === making;
    making.then(
      (made) => isWanted() && setStore(made),
      () => isWanted() && begin(),
    );
    return making;
  };

  /** The next words begin a session of their own. */
  const begin = () => {
    target.current = undefined;
    setStore(undefined);
  };

  const ask = async (question: string) => {
    const words = question.trim();
    if (words === "") return;
    const leaving = sendDraft(KEY, question);
    setChosen(new Set());
    setFailed(undefined);
    try {
      await (await session()).say(quoted + words);
      leaving.done();
    } catch (thrown) {
      setFailed(asError(thrown));
      setChosen(chosen);
      leaving.back();
    }
  };
  asking.current = ask;

  const stop = () => {
    if (store?.state.get().view.turn) store.interrupt().catch((thrown) => sayError(t.composer.stop, asError(thrown)));
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape" && !isCovered()) {
      void jamey().hideQuick();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) toMain();
    else if (pressed(event.nativeEvent, KEYS.stopQuick)) stop();
    else if (event.key === "Enter" && !event.shiftKey && event.target === area.current) void ask(draft);
    else return;
    event.preventDefault();
  };

  const chips = (["selection", "clipboard"] as const).filter((name) => context[name]);
  return (
    <main ref={box} className="quick" onKeyDown={onKeyDown}>
      <h1 className="unseen">{t.quick.title}</h1>
      <div className="quick-field">
        <textarea
          ref={area}
          rows={1}
          value={draft}
          placeholder={t.quick.placeholder}
          aria-label={t.composer.label}
          title={t.quick.hint}
          onChange={(event) => write(event.target.value)}
        />
        {store && <Stop store={store} stop={stop} />}
        {store && (
          <IconButton
            icon="plus"
            label={t.quick.new}
            onClick={() => {
              begin();
              area.current?.focus();
            }}
          />
        )}
        <IconButton icon="out" label={`${t.quick.toMain} (Ctrl+Enter)`} onClick={toMain} />
      </div>
      {chips.length > 0 && (
        <div className="quick-chips">
          {chips.map((name) => {
            const excerpt = context[name];
            if (!excerpt) return null;
            const first = beginning(excerpt);
            const mark = cut(excerpt, t);
            return (
              <button
                key={name}
                type="button"
                className="chip"
                aria-pressed={chosen.has(name)}
                aria-label={`${t.quick.attach(t.quick[name])} ${first}${mark ? `, ${mark}` : ""}`}
                title={excerpt.text.slice(0, 400)}
                onClick={() => {
                  const next = new Set(chosen);
                  if (!next.delete(name)) next.add(name);
                  setChosen(next);
                  area.current?.focus();
                }}
              >
                <Icon name={chosen.has(name) ? "check" : "plus"} size={14} />
                {`${t.quick[name]} `}
                <span className="quiet chip-words">{first}</span>
                {mark && <span className="chip-cut">{mark}</span>}
              </button>
            );
          })}
        </div>
      )}
      {failed && (
        <div className="quick-failed" role="alert">
          <Icon name="alert" size={14} />
          <span>
            {t.composer.notSent}: {failed.message}.{" "}
            {failed.code === "no_model" ? t.composer.draftKept : (failed.hint ?? t.composer.draftKept)}
          </span>
          <NextStep error={failed} />
        </div>
      )}
      <ConnectionBar />
      {store && <Answer store={store} />}
      <LinkQuestion />
      <Toasts />
    </main>
  );
}

function Stop({ store, stop }: { store: SessionStore; stop: () => void }) {
  const t = useText();
  const isRunning = usePart(store.state, (now) => now.view.turn !== undefined);
  if (!isRunning) return null;
  const label = t.composer.stop;
  const title = `${label} (${KEYS.stopQuick.shown})`;
  return <IconButton className="quick-stop" icon="stop" label={label} title={title} onClick={stop} />;
}

function Answer({ store }: { store: SessionStore }) {
  const state = useStore(store.state);
  return <Conversation store={store} followed={state} />;
}

/** Tells the shell how tall the page wants to be. */
function useHeight(box: React.RefObject<HTMLElement | null>, hasAnswer: boolean): void {
  useEffect(() => {
    const page = box.current;
    if (!page) return;
    let last = 0;
    const tell = () => {
      const inside = page.querySelector<HTMLElement>(".scroller > div");
      const fixed = [...page.children]
        .filter((child) => !child.classList.contains("conversation") && getComputedStyle(child).position !== "fixed")
        .reduce((sum, child) => sum + (child as HTMLElement).offsetHeight, 0);
      const height = Math.ceil(fixed + (hasAnswer ? (inside?.offsetHeight ?? 0) : 0));
      if (Math.abs(height - last) < 2) return;
      last = height;
      jamey()
        .resizeQuick(height)
        .catch(() => {});
    };
    const observer = new ResizeObserver(tell);
    for (const child of page.children) observer.observe(child);
    const inside = page.querySelector(".scroller > div");
    if (inside) observer.observe(inside);
    const mutation = new MutationObserver(() => {
      for (const child of page.children) observer.observe(child);
      const grown = page.querySelector(".scroller > div");
      if (grown) observer.observe(grown);
      tell();
    });
    mutation.observe(page, { childList: true });
    tell();
    return () => {
      observer.disconnect();
      mutation.disconnect();
    };
  }, [box, hasAnswer]);
}
