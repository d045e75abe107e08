/** What is worth knowing before a message is sent: what the model does not see of it, and what is not kept. */
import type { ReactNode } from "react";
import { MOST_READ } from "../attach/check";
import { isLong, LONGEST } from "../attach/pasted";
import type { Held } from "../attach/pile";
import type { Model } from "../generated/bindings";
import { Icon } from "../parts/icons";
import { clean } from "../parts/visible";
import { useUnkept } from "../state/drafts";
import { useText } from "../text";
import { bytes } from "../text/units";
import { shortModel } from "./models";

export function Notes(props: {
  draftKey: string;
  draft: string;
  held: readonly Held[];
  model: Model | undefined;
  makeFile: () => void;
}) {
  const t = useText();
  const { held, model } = props;
  const isBlind = model?.vision === false && held.some((one) => one.isPicture);
  const isTooLong = props.draft.length > LONGEST;
  const isUnkept = useUnkept(props.draftKey);
  const isAnyUnkept = isUnkept || held.some((one) => one.isUnkept && one.session !== props.draftKey);
  return (
    <>
      {held.map(
        (one) =>
          !one.isPicture &&
          one.bytes > MOST_READ && <Note key={one.key}>{t.attach.cut(clean(one.name), bytes(MOST_READ))}</Note>,
      )}
      {isBlind && model && <Note>{t.attach.blind(shortModel(model.id))}</Note>}
      {(isTooLong || isAnyUnkept) && (
        <Note>
          {isTooLong ? `${t.composer.tooLong}.` : t.composer.unkept}
          {(isTooLong || isUnkept) && isLong(props.draft) && (
            <button type="button" className="button" onClick={props.makeFile}>
              {t.composer.makeFile}
            </button>
          )}
        </Note>
      )}
    </>
  );
}

function Note({ children }: { children: ReactNode }) {
  return (
    <p className="composer-note" role="status">
      <Icon name="warn" size={14} />
      {children}
    </p>
  );
}
