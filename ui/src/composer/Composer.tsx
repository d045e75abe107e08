/** Where the person writes: it grows, keeps its draft, and tells what will answer and how much may happen. */
import { type KeyboardEvent, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { asError } from "../api";
import { sift } from "../attach/check";
import { asOffered, type Dropped, isOver, setTaker } from "../attach/drop";
import { Pile } from "../attach/Pile";
import { LONGEST } from "../attach/pasted";
import { add, bring, heldOf, NONE, pile, remove, sendFiles, settle, settling } from "../attach/pile";
import { NextStep } from "../conversation/NextStep";
import type { ApiError, Attachment, FoundFile, Mode, Model } from "../generated/bindings";
import { KEYS } from "../palette/keys";
import { IconButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { useListbox } from "../parts/listbox";
import { Picker } from "../parts/Picker";
import { visible } from "../parts/visible";
import { isHeld } from "../sidebar/focus";
import { draftOf, keepDraft, onDraft, sendDraft } from "../state/drafts";
import { usePart, useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { takeMode } from "./FullAccess";
import { setChooser, setField, setPickers } from "./field";
import { useFound } from "./found";
import { type Later, MODES } from "./later";
import { useLongText } from "./long";
import { chosen, mentionAt } from "./mention";
import { askable, factsOf, shortModel } from "./models";
import { Notes } from "./Notes";
import { refusedSlash, type Slash, slashFor, type WhyNot } from "./slash";

export type ComposerProps = {
  /** Whose draft it is. Each draft has a composer of its own: give it as `key` too. */
  draftKey: string;
  isRunning: boolean;
  isWaiting: boolean;
  isOffline: boolean;
  model: string | undefined;
  mode: Mode;
  /** What of these was chosen while a turn runs that goes on without it. */
  later?: Later | undefined;
  models: readonly Model[];
  /** How much of the model's window is used and what the session cost: in words, each part on a line of its own. */
  used: string;
  chooseModel: (id: string) => void;
  chooseMode: (mode: Mode) => void;
  /** The session of the page, if there is one already. */
  session: string | undefined;
  /** Gives the session that files go to; makes it if need be. */
  prepare: () => Promise<string>;
  /** Sends; throws what stood against it, and then the words come back. */
  send: (text: string, attachments: readonly Attachment[]) => Promise<void>;
  stop: () => void;
  command: (name: Slash) => void;
  whyNot: WhyNot;
  /** Where a session that is not made yet will work; without a token where those do that were given none. */
  folder?: { token: string | undefined; shown: string; choose: () => void };
};

export function Composer(props: ComposerProps) {
  const t = useText();
  const [draft, setDraft] = useState(() => draftOf(props.draftKey));
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [refused, setRefused] = useState<readonly string[]>([]);
  /** The command that is written here and would do nothing, with why. */
  const [idle, setIdle] = useState<string>();
  const isSettling = usePart(settling, (all) => all.has(props.draftKey));
  const held = usePart(pile, (all) => all[props.draftKey]) ?? NONE;
  const chooser = useRef<HTMLInputElement>(null);
  const [modelSignal, setModelSignal] = useState(0);
  const [modeSignal, setModeSignal] = useState(0);
  const [isHushed, setHushed] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const isHere = useRef(false);

  const write = (text: string) => {
    setDraft(text);
    setHushed(false);
    setIdle(undefined);
    keepDraft(props.draftKey, text);
  };

  useLayoutEffect(() => {
    isHere.current = true;
    void bring(props.draftKey);
    if (!isHeld()) area.current?.focus();
    const stop = onDraft(props.draftKey, setDraft);
    return () => {
      isHere.current = false;
      stop();
    };
  }, [props.draftKey]);

  /** Adds files as far as they are fit; tells whether any was. */
  const give = useCallback(
    (offered: readonly Dropped[]): boolean => {
      const { taken, said } = sift(offered, heldOf(props.draftKey).length, t);
      setRefused(said);
      void add(
        props.draftKey,
        taken.flatMap((one) => one.file ?? []),
        props.session,
      );
      area.current?.focus();
      return taken.length > 0;
    },
    [props.draftKey, props.session, t],
  );
  const isDropping = useStore(isOver);
  useEffect(() => {
    setTaker(give);
    return () => setTaker(null);
  }, [give]);

  useEffect(() => {
    setField(area.current);
    setChooser(() => chooser.current?.click());
    setPickers(
      () => setModelSignal((now) => now + 1),
      () => setModeSignal((now) => now + 1),
    );
    return () => {
      setField(null);
      setChooser(null);
      setPickers(null, null);
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useLayoutEffect(() => {
    const box = area.current;
    if (!box) return;
    box.style.height = "0";
    box.style.height = `${Math.min(box.scrollHeight, Math.round(innerHeight * 0.4))}px`;
  }, [draft]);

  const long = useLongText({ draftKey: props.draftKey, draft, held, area, give, write });

  const slashes = isHushed ? [] : slashFor(draft, t, props.whyNot);
  const listbox = useListbox(
    slashes.length,
    (at) => {
      const chosen = slashes[at];
      if (!chosen) return;
      write("");
      props.command(chosen.name);
    },
    draft,
  );

  const [caret, setCaret] = useState(0);
  const mention = isHushed || slashes.length > 0 ? undefined : mentionAt(draft, caret);
  const found = useFound(props.session, props.folder?.token, mention?.words);
  const files = mention ? found : [];
  const fileList = useListbox(files.length, (at) => choose(files[at]), mention?.words);
  const choose = (file: FoundFile | undefined) => {
    const box = area.current;
    if (!file || !mention || !box) return;
    const next = chosen(draft, mention, file);
    // At once: the next letter may come before the next frame.
    flushSync(() => {
      write(next.text);
      setCaret(next.caret);
    });
    box.focus();
    box.setSelectionRange(next.caret, next.caret);
  };

  const text = draft.trim();
  // The runtime takes files without words too.
  const isEmpty = text === "" && held.length === 0;
  const canSend = !isEmpty && !props.isOffline && !isSettling;
  const model = props.models.find((one) => one.id === props.model);

  const send = async () => {
    const nothing = refusedSlash(draft, props.whyNot);
    if (nothing) {
      setIdle(nothing);
      return;
    }
    if (!canSend) return;
    if (draft.length > LONGEST) {
      setFailed({ code: "too_large", message: t.composer.tooLong, hint: t.composer.tooLongHint, retryable: false });
      return;
    }
    const said = draft;
    const whose = props.draftKey;
    setFailed(null);
    setRefused([]);
    let given: readonly Attachment[] = [];
    // The person may be with another session when it is known what came of this.
    const fail = (thrown: unknown) => {
      if (isHere.current) setFailed(asError(thrown));
      else sayError(t.composer.notSent, asError(thrown));
    };
    if (held.length > 0) {
      // The words stay where they are until the files are there.
      try {
        given = await settle(whose, props.prepare);
      } catch (thrown) {
        fail(thrown);
        return;
      }
    }
    // They leave the page now, and what is kept of them when the runtime has them: the window may be closed before.
    const leaving = [sendDraft(whose, said), sendFiles(whose)];
    setHushed(false);
    try {
      await props.send(text, given);
      for (const one of leaving) one.done();
    } catch (thrown) {
      for (const one of leaving) one.back();
      fail(thrown);
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (files.length > 0) {
      if (fileList.onKey(event)) return;
      if (event.key === "Tab" && !event.shiftKey) {
        event.preventDefault();
        choose(files[fileList.at]);
        return;
      }
      if (event.key === "Escape") {
        event.stopPropagation();
        setHushed(true);
        return;
      }
    }
    if (slashes.length > 0) {
      if (listbox.onKey(event)) return;
      if (event.key === "Tab") {
        event.preventDefault();
        write(`/${slashes[listbox.at]?.name ?? ""}`);
        return;
      }
      if (event.key === "Escape") {
        event.stopPropagation();
        setHushed(true);
        return;
      }
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void send();
  };

  const placeholder = props.isWaiting
    ? t.composer.placeholderWaiting
    : props.isRunning
      ? t.composer.placeholderSteer
      : t.composer.placeholder;
  const choices = askable(props.models).map((model) => ({
    id: model.id,
    label: shortModel(model.id),
    about: factsOf(model, t),
  }));

  const shownModel = props.model ? shortModel(props.model) : t.composer.modelDefault;
  const warnings = idle ? [idle] : refused;
  const hush = () => {
    setIdle(undefined);
    setRefused([]);
  };

  return (
    <div className="composer-column">
      {failed && (
        <div className="composer-failed" role="alert">
          <Icon name="alert" />
          <span>
            {t.composer.notSent}: {failed.message}.{" "}
            {failed.code === "no_model" ? t.composer.draftKept : (failed.hint ?? t.composer.draftKept)}
          </span>
          <NextStep error={failed} />
          <IconButton icon="close" label={t.app.close} onClick={() => setFailed(null)} />
        </div>
      )}
      {warnings.length > 0 && (
        <div className="composer-failed" role="alert">
          <Icon name="warn" />
          <span>
            {warnings.map((line) => (
              <span key={line} className="composer-refused">
                {line}
              </span>
            ))}
          </span>
          <IconButton icon="close" label={t.app.close} onClick={hush} />
        </div>
      )}
      {slashes.length > 0 && (
        <div className="listbox slash" {...listbox.list} aria-label={t.composer.commands}>
          {slashes.map((slash, at) => (
            <div key={slash.name} className="option" {...listbox.option(at)}>
              <span className="slash-name">/{slash.name}</span>
              <span className="quiet">{slash.about}</span>
            </div>
          ))}
        </div>
      )}
      {files.length > 0 && (
        <div className="listbox slash" {...fileList.list} aria-label={t.composer.files}>
          {files.map((file, at) => (
            <div key={file.path} className="option" {...fileList.option(at)}>
              <Icon name={file.isFolder ? "folder" : "file"} />
              <span className="file-path">{visible(file.path)}</span>
            </div>
          ))}
        </div>
      )}
      <div className={`composer ${isDropping ? "over" : ""} ${props.isWaiting ? "calm" : ""}`}>
        {isDropping && <p className="composer-drop">{t.attach.drop}</p>}
        <Pile
          held={held}
          session={props.session}
          remove={(one) => remove(props.draftKey, one)}
          putBack={long.putBack}
          leave={() => area.current?.focus()}
        />
        <Notes
          draftKey={props.draftKey}
          draft={draft}
          held={held}
          model={model}
          makeFile={() => {
            if (long.makeFile()) setFailed(null);
          }}
        />
        <textarea
          ref={area}
          id="message"
          rows={1}
          value={draft}
          placeholder={placeholder}
          aria-label={t.composer.label}
          aria-describedby={hintId}
          spellCheck
          readOnly={isSettling}
          onPaste={long.onPaste}
          onChange={(event) => {
            write(event.target.value);
            setCaret(event.target.selectionStart);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          {...(slashes.length > 0 ? listbox.lines : files.length > 0 ? fileList.lines : {})}
        />
        <span id={hintId} className="unseen">
          {t.composer.hint}
        </span>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            // The same file may be chosen again.
            event.target.value = "";
            give(files.map(asOffered));
          }}
        />
        <div className="composer-tools">
          <IconButton
            icon="attach"
            label={t.attach.button}
            title={`${t.attach.button} (${KEYS.attach.shown})`}
            onClick={() => chooser.current?.click()}
          />
          <Picker
            className="composer-picker"
            label={t.composer.model}
            search={t.composer.searchModels}
            none={t.composer.noModel}
            value={props.model}
            shown={shownModel}
            choices={choices}
            choose={props.chooseModel}
            other={(wish) => (wish.includes("/") ? { id: wish, label: t.composer.otherModel(wish) } : undefined)}
            openSignal={modelSignal}
          >
            <span>{shownModel}</span>
            <Icon name="chevronDown" size={14} />
          </Picker>
          <Picker
            className="composer-picker"
            label={t.composer.mode}
            search=""
            none=""
            value={props.mode}
            shown={t.modes[props.mode].name}
            choices={MODES.map((mode) => ({ id: mode, label: t.modes[mode].name, about: t.modes[mode].about }))}
            choose={(mode) => takeMode(mode as Mode, props.mode, "session", () => props.chooseMode(mode as Mode))}
            openSignal={modeSignal}
          >
            <span className={props.mode === "full" ? "mode-full" : ""}>{t.modes[props.mode].name}</span>
            <Icon name="chevronDown" size={14} />
          </Picker>
          {props.folder && (
            <button
              type="button"
              className="composer-picker composer-folder"
              title={t.composer.choose}
              onClick={props.folder.choose}
            >
              <Icon name="folder" size={14} />
              <span>{props.folder.shown}</span>
            </button>
          )}
          <span
            className="composer-used parts numbers"
            title={props.used && `${props.used.replaceAll("\n", " ")}\n${t.composer.usedAbout}`}
          >
            {props.used.split("\n").map((part) => (
              <span key={part}>{`${part}\u00a0`}</span>
            ))}
          </span>
          {props.isRunning && isEmpty ? (
            <button
              type="button"
              className="send stop"
              aria-label={t.composer.stop}
              title={`${t.composer.stop} (Esc)`}
              onClick={props.stop}
            >
              <Icon name="stop" size={14} />
            </button>
          ) : (
            <button
              type="button"
              className="send"
              aria-label={props.isRunning ? t.composer.steer : t.composer.send}
              title={props.isRunning ? t.composer.steer : t.composer.send}
              disabled={!canSend}
              onClick={() => void send()}
            >
              {isSettling ? <span className="spinner" /> : <Icon name="up" />}
            </button>
          )}
        </div>
        {props.later && (
          <p className="composer-later" role="status">
            {t.composer.later[props.later]}
          </p>
        )}
      </div>
    </div>
  );
}
