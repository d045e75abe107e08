/** The person's words, as they were typed; very long ones are folded. */
import { memo, useState } from "react";
import type { Attachment } from "../generated/bindings";
import { CopyButton } from "../parts/buttons";
import { clean } from "../parts/visible";
import { useText } from "../text";
import { Attachments } from "./Attachments";

const LONGEST = 2400;
const LINES = 24;

export const UserMessage = memo(function UserMessage(props: {
  text: string;
  session: string;
  attachments: readonly Attachment[];
  note?: string;
}) {
  const t = useText();
  const { text, note } = props;
  const [all, setAll] = useState(false);
  const said = clean(text);
  const lines = said.split("\n");
  const isLong = said.length > LONGEST || lines.length > LINES;
  const shown = isLong && !all ? lines.slice(0, LINES).join("\n").slice(0, LONGEST) : said;
  return (
    <div className={`user ${note ? "on-its-way" : ""}`}>
      <h2 className="unseen">{t.conversation.you}: </h2>
      {props.attachments.length > 0 && <Attachments session={props.session} list={props.attachments} />}
      {said !== "" && (
        <div className="user-text">
          {shown}
          {isLong && !all && "…"}
        </div>
      )}
      {isLong && !all && (
        <button type="button" className="button plain user-more" onClick={() => setAll(true)}>
          {t.conversation.showAll(lines.length)}
        </button>
      )}
      {note ? (
        <span className="user-note">{note}</span>
      ) : (
        said !== "" && <CopyButton className="user-copy" text={() => text} label={t.conversation.copyMessage} />
      )}
    </div>
  );
});
