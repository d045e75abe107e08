/** How a turn ended: nothing loud when it went well, the cause and the next step when it did not. */
import type { ReactNode } from "react";
import { shortModel } from "../composer/models";
import type { Model } from "../generated/bindings";
import { CopyButton, IconButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { Menu, type MenuItem } from "../parts/Menu";
import { costOfAll, priceOf } from "../session/spent";
import type { Begun, EndEntry } from "../session/view";
import { useText } from "../text";
import { dateTime, duration, money, percent, tokens } from "../text/units";
import { NextStep } from "./NextStep";

type TurnEndProps = {
  entry: EndEntry;
  answer: string;
  isLast: boolean;
  /** The one that answered, where it is known. */
  model: Model | undefined;
  /** What began it; absent where that cannot be asked again. */
  begun: Begun | undefined;
  retry: (model?: string) => void;
  modelItems: (choose: (model: string) => void) => MenuItem[];
};

export function TurnEnd({ entry, answer, isLast, model, begun, retry, modelItems }: TurnEndProps) {
  const t = useText();
  const { outcome } = entry;
  const again = (isQuiet: boolean) =>
    isLast && begun ? <Again isQuiet={isQuiet} begun={begun} retry={retry} modelItems={modelItems} /> : null;
  const footer = <Footer entry={entry} answer={answer} isLast={isLast} model={model} />;
  if (outcome.type === "failed") {
    const { error } = outcome;
    return (
      <>
        <div className="end-failed" role="group" aria-label={t.conversation.failed}>
          <Icon name="alert" />
          <div className="end-words">
            <p>
              {t.conversation.failed}: {error.message}
            </p>
            {error.hint && <p className="end-hint">{error.hint}</p>}
            {isLast && (
              <div className="end-actions">
                <NextStep error={error} />
                {again(false)}
              </div>
            )}
          </div>
        </div>
        {(answer !== "" || entry.usage) && footer}
      </>
    );
  }
  if (outcome.type === "interrupted") {
    return (
      <>
        <div className="end-stopped">
          <Icon name="stop" size={12} />
          <span className="end-words">
            {t.conversation.interrupted}
            {outcome.reason && <span className="quiet"> · {outcome.reason}</span>}
          </span>
          {again(false)}
        </div>
        {footer}
      </>
    );
  }
  return (
    <Footer entry={entry} answer={answer} isLast={isLast} model={model}>
      {again(true)}
    </Footer>
  );
}

/** Once more, or with another model. Beside an answer that is well it is quiet. */
function Again(
  props: Pick<TurnEndProps, "retry" | "modelItems"> & {
    isQuiet: boolean;
    begun: Begun;
  },
): ReactNode {
  const t = useText();
  const { retry, modelItems } = props;
  return (
    <span className="end-again">
      {props.isQuiet ? (
        <IconButton icon="retry" label={t.conversation.again} onClick={() => retry()} />
      ) : (
        <button type="button" className="button" onClick={() => retry()}>
          <Icon name="retry" size={14} />
          {t.conversation.again}
        </button>
      )}
      {props.begun.type === "words" && (
        <Menu
          label={t.conversation.againWith}
          items={() => modelItems((model) => retry(model))}
          button={(button) => <IconButton icon="chevronDown" label={t.conversation.againWith} {...button} />}
        />
      )}
    </span>
  );
}

/** Model, tokens, cost and time; quiet until looked for. */
function Footer(props: Pick<TurnEndProps, "entry" | "answer" | "isLast" | "model"> & { children?: ReactNode }) {
  const t = useText();
  const { entry, answer, isLast, model } = props;
  const { usage } = entry;
  // What matters least comes last, where there may be no room for it.
  const said: string[] = [];
  if (entry.model) said.push(shortModel(entry.model));
  if (entry.startedAt) said.push(duration(entry.at - entry.startedAt));
  const price = priceOf(model);
  const cost = entry.calls && price ? costOfAll(entry.calls, price) : 0;
  if (cost > 0) said.push(money(cost));
  if (usage) {
    said.push(t.conversation.tokens(tokens(usage.input), tokens(usage.output)));
    const cached = usage.cached ?? 0;
    if (cached > 0 && usage.input > 0) said.push(t.conversation.cached(percent((cached / usage.input) * 100)));
  }
  return (
    <div className={`end-footer ${isLast ? "last" : ""}`}>
      {answer !== "" && <CopyButton text={() => answer} label={t.conversation.copyAnswer} />}
      {props.children}
      <span className="end-said parts numbers" title={[...said, dateTime(entry.at)].join(" · ")}>
        {said.map((part, at) => (
          <span key={part}>{at > 0 ? `\u00a0· ${part}` : part}</span>
        ))}
      </span>
    </div>
  );
}
