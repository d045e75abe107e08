/** One line over everything: Enter asks, the answer appears below, Esc hides and keeps what was typed. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { asError, jamey } from "../api";
import { ConnectionBar } from "../ConnectionBar";
import { Conversation } from "../conversation/Conversation";
import { NextStep } from "../conversation/NextStep";
import { UserMessage } from "../conversation/UserMessage";
import type { ApiError, Attachment, Pressed } from "../generated/bindings";
import { LinkQuestion } from "../markdown/Link";
import { KEYS, pressed } from "../palette/keys";
import { isCovered } from "../parts/float";
import { Icon } from "../parts/icons";
import { Toasts } from "../parts/Toasts";
import type { Followed, SessionStore } from "../session/store";
import { config } from "../state/asked";
import { addToDraft, draftOf, keepDraft, onDraft, sendDraft } from "../state/drafts";
import { createStore, type Store, usePart, useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { Chips } from "./Chips";
import { quote } from "./excerpt";
import { type Act, Foot } from "./Foot";
import { useFocusBack } from "./focus";
import { useHeight } from "./height";
import { giveBack, type Offers, offer, take } from "./offers";
import { useSession } from "./session";
import { shown } from "./shown";

const KEY = "quick";
const NO_FILES: readonly Attachment[] = [];
/** Where nothing was asked yet. */
const NOTHING = createStore<Followed | undefined>(undefined);

export function Quick() {
  const t = useText();
  const [draft, setDraft] = useState(() => draftOf(KEY));
  /** Words whose session is not there yet. */
  const [early, setEarly] = useState<readonly { text: string }[]>([]);
  const [failed, setFailed] = useState<ApiError>();
  const area = useRef<HTMLTextAreaElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const { store, target, begin, made, say, used, goOn } = useSession();
  const said: Store<Followed | undefined> = store?.state ?? NOTHING;
  const isRunning = usePart(said, runs);
  const isBegun = usePart(said, begins);
  const acting = useRef<Record<Pressed, (words: string) => Promise<void>>>(undefined);
  const keys = useRef<(event: KeyboardEvent) => void>(() => {});

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
      used();
    };
    const onKey = (event: KeyboardEvent) => keys.current(event);
    addEventListener("blur", onRest);
    addEventListener("keydown", onKey);
    const stop = shown.subscribe(() => {
      void config.again();
      const { context, typed, pressed: last } = shown.get();
      goOn();
      offer(context ?? {});
      area.current?.focus();
      const here = area.current?.value ?? "";
      const words = here === rest ? (typed ?? here) : (typed ?? "") + here;
      if (typed) write(words);
      else if (here === rest) area.current?.select();
      if (last) void acting.current?.[last](words);
    });
    return () => {
      removeEventListener("blur", onRest);
      removeEventListener("keydown", onKey);
      stop();
    };
  }, [write, used, goOn]);

  useHeight(box);
  useFocusBack(box, area);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useLayoutEffect(() => {
    const field = area.current;
    if (!field) return;
    field.style.height = "0";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
  }, [draft]);

  const quoted = ({ chosen }: Offers) => [...chosen.values()].map((text) => quote(text, t)).join("");

  /** Opens the window with what was not asked yet, also when its session is still being made. */
  const toMain = async (draft: string) => {
    const where = target.current;
    const leaving = sendDraft(KEY, draft);
    const taken = await take();
    try {
      const session = await where;
      const words = quoted(taken) + draft.trim();
      if (words !== "") addToDraft(session?.id ?? "new", words);
      leaving.done();
      await lead(session?.id).then(
        () => target.current === where && begin(),
        (thrown) => sayError(t.quick.toMain, asError(thrown)),
      );
    } catch {
      // Why no session could be made is told by the question that it was for.
      giveBack(taken);
      leaving.back();
    }
  };

  const ask = async (question: string) => {
    const words = question.trim();
    if (words === "") return;
    const leaving = sendDraft(KEY, question);
    setFailed(undefined);
    used();
    const where = made();
    const taken = await take();
    const one = { text: quoted(taken) + words };
    const begun = () => setEarly((all) => all.filter((other) => other !== one));
    setEarly((all) => [...all, one]);
    try {
      await say(where, one.text, begun);
      leaving.done();
    } catch (thrown) {
      begun();
      setFailed(asError(thrown));
      giveBack(taken);
      leaving.back();
    }
  };
  acting.current = { ask, toWindow: toMain };

  const toField = () => area.current?.focus();

  const stop = () => {
    if (store?.state.get().view.turn) store.interrupt().catch((thrown) => sayError(t.composer.stop, asError(thrown)));
    toField();
  };

  const beginAnew = () => {
    begin();
    setFailed(undefined);
    toField();
  };

  const acts: Act[] = [
    {
      keys: KEYS.ask,
      label: isBegun ? t.quick.followUp : t.quick.ask,
      isOffered: draft.trim() !== "",
      run: () => void ask(draft),
    },
    { keys: KEYS.stopQuick, label: t.composer.stop, isOffered: isRunning, run: stop },
    // While an answer comes the key does the same, but beside Stop there is no room to say so.
    { keys: KEYS.newSession, label: t.quick.new, isOffered: isBegun && !isRunning, run: beginAnew },
    { keys: KEYS.toWindow, label: t.quick.toMain, isOffered: true, run: () => void toMain(draft) },
    { keys: KEYS.hide, label: t.quick.hide, isOffered: true, run: () => void jamey().hideQuick() },
  ];

  // Of the whole window: what had the focus may be gone.
  keys.current = (event) => {
    const act = acts.find(({ keys }) => pressed(event, keys));
    if (!act || event.defaultPrevented) return;
    // Elsewhere Enter presses what has the focus, and Esc closes what lies over the page.
    if (act.keys === KEYS.ask && event.target !== area.current) return;
    if (act.keys === KEYS.hide && isCovered()) return;
    event.preventDefault();
    act.run();
  };

  return (
    <main ref={box} className="quick">
      <h1 className="unseen">{t.quick.title}</h1>
      <div className="quick-field">
        <textarea
          ref={area}
          rows={1}
          value={draft}
          placeholder={t.quick.placeholder}
          aria-label={t.composer.label}
          onChange={(event) => write(event.target.value)}
        />
      </div>
      <Chips then={toField} />
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
      {store && <NotOpened store={store} />}
      {store && isBegun && <Answer store={store} />}
      {early.length > 0 && (
        <div className="quick-early">
          {early.map(({ text }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they go in their order
            <UserMessage key={at} text={text} session="" attachments={NO_FILES} note={t.conversation.sending} />
          ))}
        </div>
      )}
      <Foot followed={said} acts={acts} />
      <LinkQuestion />
      <Toasts />
    </main>
  );
}

async function lead(session: string | undefined): Promise<void> {
  if (session !== undefined) return jamey().quickToMain(session);
  await jamey().showMain(null);
  await jamey().hideQuick();
}

/** The session is there, but cannot be followed. One that is gone is left. */
function NotOpened({ store }: { store: SessionStore }) {
  const t = useText();
  const error = usePart(store.state, errorOf);
  if (!error || error.code === "not_found") return null;
  return (
    <div className="quick-failed" role="alert">
      <Icon name="alert" size={14} />
      <span>
        {t.conversation.openFailed}: {error.message}. {error.hint}
      </span>
      <button type="button" className="button" onClick={() => void store.open()}>
        {t.app.retry}
      </button>
    </div>
  );
}

const errorOf = ({ error }: Followed) => error;

const runs = (now: Followed | undefined) => now?.view.turn !== undefined;

/** Whether there is more in a session than that it was made; what is not known yet may be. */
function begins(now: Followed | undefined): boolean {
  if (!now) return false;
  const { view, pending, loaded, error } = now;
  return !loaded || error !== undefined || view.turn !== undefined || view.entries.length + pending.length > 0;
}

function Answer({ store }: { store: SessionStore }) {
  const state = useStore(store.state);
  return <Conversation store={store} followed={state} />;
}
