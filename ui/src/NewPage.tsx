/** Where a session begins: a field, and what it will work with. */
import { useEffect, useRef, useState } from "react";
import { asError, jamey } from "./api";
import { ConnectionBar, troubleOf } from "./ConnectionBar";
import { Composer } from "./composer/Composer";
import { focusField, setFolders } from "./composer/field";
import type { Attachment, Folder, Mode, NewSession } from "./generated/bindings";
import { Header } from "./Header";
import { whyNot } from "./palette/actions";
import { Icon } from "./parts/icons";
import { runSlash, useDefaultMode } from "./SessionPage";
import { folderName } from "./sidebar/groups";
import { models } from "./state/asked";
import { connection, mend } from "./state/connection";
import { inSession, sessionFor } from "./state/made";
import { followed } from "./state/open";
import { go } from "./state/place";
import { added } from "./state/sessions";
import { usePart, useStore } from "./state/store";
import { sayError } from "./state/toasts";
import { useText } from "./text";

export function NewPage({ hasSidebar }: { hasSidebar: boolean }) {
  const t = useText();
  const now = useStore(connection);
  const known = useStore(models.store).value ?? [];
  const defaultMode = useDefaultMode();
  const [model, setModel] = useState<string>();
  const [mode, setMode] = useState<Mode>();
  const [folder, setFolder] = useState<Folder>();
  const [sending, setSending] = useState(0);
  const isHere = useRef(false);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const isOffline = usePart(connection, (standing) => standing.state !== "ready");

  const pick = () => {
    jamey()
      .pickFolder()
      .then(
        (picked) => picked && setFolder(picked),
        (thrown) => sayError(t.composer.choose, asError(thrown)),
      );
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: it sets what stays the same
  useEffect(() => {
    setFolders(pick);
    return () => setFolders(null);
  }, [t]);

  const wish: NewSession = {
    ...(model ? { model } : {}),
    ...(mode ? { mode } : {}),
    ...(folder ? { folder: folder.token } : {}),
  };

  const send = async (words: string, attachments: readonly Attachment[] = []) => {
    setSending((now) => now + 1);
    try {
      await inSession(wish, async (session) => {
        const store = followed(session.id);
        // A person who went elsewhere meanwhile stays there.
        const lead = () => {
          added(session);
          if (isHere.current) go({ name: "session", id: session.id });
        };
        // Words that wait for an answer are shown where they will be.
        const stop = store.state.subscribe(() => {
          if (!store.state.get().pending.some((one) => one.isUnanswered)) return;
          stop();
          lead();
        });
        await store.say(words, {}, attachments).finally(stop);
        lead();
      });
    } catch (thrown) {
      throw asError(thrown);
    } finally {
      setSending((now) => now - 1);
    }
  };

  const suggest = (idea: string) =>
    send(idea).catch((thrown) => {
      sayError(t.composer.notSent, asError(thrown));
      if (isHere.current) focusField();
    });

  const isBeginning = (now.state === "connecting" || now.state === "starting") && !now.wasReady;
  const trouble = now.wasReady ? undefined : troubleOf(now, t);
  const shown = folder ? folder.shown : t.composer.folderDefault;
  return (
    <>
      <Header title={t.sidebar.new} hasSidebar={hasSidebar} />
      {!trouble && <ConnectionBar />}
      <div className="start">
        {isBeginning ? (
          <div className="center" role="status">
            <span className="spinner" />
            <h2>{t.connection.starting}</h2>
            <p>{t.connection.startingHint}</p>
          </div>
        ) : trouble ? (
          <div className="center" role={trouble.button ? "alert" : "status"}>
            {trouble.button ? <Icon name="unplug" size={24} /> : <span className="spinner" />}
            <h2>{trouble.title}</h2>
            {trouble.words.map((one) => (
              <p key={one}>{one}</p>
            ))}
            {trouble.button && (
              <button type="button" className="button accent" disabled={now.isMending} onClick={() => void mend()}>
                {trouble.button}
              </button>
            )}
          </div>
        ) : (
          <div className="start-inside">
            <h2>{t.conversation.greeting}</h2>
            <p className="start-hint">
              {t.conversation.worksIn(folderName(shown))} {t.modes[mode ?? defaultMode].about}
            </p>
            <div className="start-ideas">
              {t.conversation.suggestions.map((idea) => (
                <button key={idea} type="button" disabled={isOffline || sending > 0} onClick={() => void suggest(idea)}>
                  {idea}
                </button>
              ))}
            </div>
          </div>
        )}
      </div>
      <Composer
        draftKey="new"
        isRunning={false}
        isWaiting={false}
        isOffline={isOffline}
        model={model ?? known.find((one) => one.default)?.id}
        mode={mode ?? defaultMode}
        models={known}
        used=""
        chooseModel={setModel}
        chooseMode={setMode}
        session={undefined}
        prepare={async () => (await sessionFor(wish)).id}
        send={send}
        stop={() => {}}
        command={runSlash}
        whyNot={whyNot}
        folder={{ token: folder?.token, shown: folderName(shown), choose: pick }}
      />
    </>
  );
}
