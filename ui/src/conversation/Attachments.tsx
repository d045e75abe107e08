/** The files that were given along with a message: pictures to look at, texts to open. */
import { useEffect, useState } from "react";
import { asError, jamey } from "../api";
import { Picture, SHOWABLE } from "../attach/Picture";
import type { Attachment } from "../generated/bindings";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/icons";
import { clean } from "../parts/visible";
import { useText } from "../text";
import { bytes } from "../text/units";
import { Lines } from "./Output";

/** As much of a text as is shown. */
const LONGEST = 200_000;

export function Attachments({ session, list }: { session: string; list: readonly Attachment[] }) {
  const t = useText();
  const [opened, setOpened] = useState<Attachment>();
  return (
    <>
      <ul className="given" aria-label={t.attach.given}>
        {list.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className={SHOWABLE.has(one.mediaType) ? "given-picture" : "given-file"}
              aria-label={SHOWABLE.has(one.mediaType) ? t.attach.open(clean(one.name), bytes(one.bytes)) : undefined}
              title={`${clean(one.name)} · ${bytes(one.bytes)}`}
              onClick={() => setOpened(one)}
            >
              {SHOWABLE.has(one.mediaType) ? (
                <Picture source={{ session, attachment: one }} name="" className="given-image" />
              ) : (
                <>
                  <Icon name="file" />
                  <span className="held-name">{clean(one.name)}</span>
                  <span className="quiet">{bytes(one.bytes)}</span>
                </>
              )}
            </button>
          </li>
        ))}
      </ul>
      {opened && <Opened session={session} attachment={opened} close={() => setOpened(undefined)} />}
    </>
  );
}

function Opened({ session, attachment, close }: { session: string; attachment: Attachment; close: () => void }) {
  const t = useText();
  const name = clean(attachment.name);
  return (
    <Dialog title={name} className="dialog opened" onClose={close}>
      {SHOWABLE.has(attachment.mediaType) ? (
        <Picture source={{ session, attachment }} name={name} className="opened-picture" />
      ) : (
        <Words session={session} attachment={attachment} />
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          {t.app.close}
        </button>
      </div>
    </Dialog>
  );
}

function Words({ session, attachment }: { session: string; attachment: Attachment }) {
  const t = useText();
  const [text, setText] = useState<string>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    let isOver = false;
    jamey()
      .attachmentBytes(session, attachment.id)
      .then(
        (all) => !isOver && setText(new TextDecoder().decode(new Uint8Array(all).subarray(0, LONGEST))),
        (thrown) => !isOver && setFailed(asError(thrown).message),
      );
    return () => {
      isOver = true;
    };
  }, [session, attachment.id]);
  if (failed) return <p role="alert">{`${t.attach.notShown(clean(attachment.name))}: ${failed}`}</p>;
  if (text === undefined) return <span className="spinner" />;
  return (
    <div className="opened-text">
      <Lines text={clean(text)} language={attachment.name.split(".").at(-1) ?? ""} />
      {attachment.bytes > LONGEST && <p className="call-hint">{t.tool.cut(bytes(attachment.bytes - LONGEST))}</p>}
    </div>
  );
}
