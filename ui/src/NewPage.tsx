/** Where a session begins: a field, and what it will work with. */
import { useEffect, useRef, useState } from "react";
import { asError, jamey } from "./api";
import { ConnectionBar } from "./ConnectionBar";
import { Composer } from "./composer/Composer";
import { focusField } from "./composer/field";
import type { Attachment, Folder, Mode, Session } from "./generated/bindings";
import { Header } from "./Header";
import { whyNot } from "./palette/actions";
import { Icon } from "./parts/icons";
import { runSlash, useDefaultMode } from "./SessionPage";
import { folderName } from "./sidebar/groups";
import { models } from "./state/asked";
import { connection, mend } from "./state/connection";
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
  /** The session that was made here, or is being made. */
  const made = useRef<{ key: string; session: Promise<Session> }>(undefined);
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

  /** The session for what is typed here; what was made for words that could not be sent is used for the next try. */
  const prepare = (): Promise<Session> => {
    const wish = {
      ...(model ? { model } : {}),
      ...(mode ? { mode } : {}),
      ...(folder ? { folder: folder.token } : {}),
    };
    const key = JSON.stringify(wish);
    if (made.current?.key === key) return made.current.session;
    const session = jamey().createSession(wish);
    made.current = { key, session };
    session.catch(() => forget(session));
    return session;
  };
  const forget = (session: Promise<Session>) => {
    if (made.current?.session === session) made.current = undefined;
  };

  const send = async (words: string, attachments: readonly Attachment[] = []) => {
    setSending((now) => now + 1);
    try {
      const making = prepare();
      const session = await making;
      await followed(session.id).say(words, {}, attachments);
      forget(making);
      added(session);
      // A person who went elsewhere meanwhile stays there.
      if (isHere.current) go({ name: "session", id: session.id });
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
  const isBroken = (now.state === "failed" || now.state === "incompatible") && !now.wasReady;
  const shown = folder ? folder.shown : t.composer.folderDefault;
  return (
    <>
      <Header title={t.sidebar.new} hasSidebar={hasSidebar} />
      {!isBroken && <ConnectionBar />}
      <div className="start">
        {isBeginning ? (
          <div className="center" role="status">
            <span className="spinner" />
            <h2>{t.connection.starting}</h2>
            <p>{t.connection.startingHint}</p>
          </div>
        ) : isBroken ? (
          <div className="center" role="alert">
            <Icon name="unplug" size={24} />
            <h2>{now.state === "incompatible" ? t.connection.incompatible : t.connection.failed}</h2>
            <p>{now.error?.message}</p>
            <p>{now.error?.hint}</p>
            <button type="button" className="button accent" disabled={now.isMending} onClick={() => void mend()}>
              {now.state === "incompatible" ? t.connection.restart : t.connection.start}
            </button>
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
        prepare={async () => (await prepare()).id}
        send={send}
        stop={() => {}}
        command={runSlash}
        whyNot={whyNot}
        folder={{ token: folder?.token, shown: folderName(shown), choose: pick }}
      />
    </>
  );
}
