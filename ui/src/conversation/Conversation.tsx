/** The session on the page: only what can be seen is drawn, however long it is. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { asError } from "../api";
import { modelItems } from "../composer/models";
import type { Attachment, Decision } from "../generated/bindings";
import { Markdown } from "../markdown/Markdown";
import { IconButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import type { Followed, Pending, SessionStore } from "../session/store";
import { begunBy, textOf } from "../session/view";
import { models } from "../state/asked";
import { place } from "../state/place";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import type { Text } from "../text/en";
import { Announcer } from "./Announcer";
import { ApprovalCard } from "./ApprovalCard";
import { Reasoning, Summary } from "./Aside";
import { CallCard } from "./CallCard";
import { useQuestion } from "./question";
import { setReach } from "./reach";
import { type Row, rowsOf } from "./rows";
import { useStick } from "./stick";
import { TurnEnd } from "./TurnEnd";
import { UserMessage } from "./UserMessage";

const NO_FILES: readonly Attachment[] = [];

export function Conversation(props: {
  store: SessionStore;
  followed: Followed;
  /** The item to show first, if not the newest. */
  item?: string;
}) {
  const { store, followed, item } = props;
  const t = useText();
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const { toEnd, letGo, isAway } = useStick(scroller, inside);
  const { view } = followed;
  const rows = useMemo(() => rowsOf(followed), [followed]);
  const isLonger = useGrownAbove(rows);
  const known = useStore(models.store).value;
  const cwd = view.session?.cwd ?? "";

  // A passage that was searched for is shown where it stands, each time that it is gone to.
  const asked = useStore(place);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each time that an item is asked for
  useEffect(() => {
    const at = item ? rows.findIndex((row) => row.kind === "item" && row.entry.item.id === item) : -1;
    if (at < 0) return;
    letGo();
    list.current?.scrollToIndex(at, { align: "center" });
  }, [asked]);

  // What the person says is always seen.
  const pending = followed.pending.length;
  useEffect(() => {
    if (pending > 0) toEnd();
  }, [pending, toEnd]);

  const retry = useCallback(
    (model?: string) => {
      toEnd();
      store.again(model).catch((thrown) => sayError(t.composer.notSent, asError(thrown)));
    },
    [store, t, toEnd],
  );

  const question = useQuestion(scroller, list, rows, view, letGo);
  useEffect(() => {
    const again = () => {
      toEnd();
      // Where the end stands is known with the next frame.
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(".end-again [aria-haspopup=menu]")?.click(),
      );
    };
    return setReach({ question: question.show, again });
  }, [question.show, toEnd]);
  // The way to a question, and to asking once more, is there also where nobody looks.
  const kept = rows.at(-1)?.kind === "end" ? [...question.places, rows.length - 1] : question.places;

  const one = (row: Row) => {
    switch (row.kind) {
      case "notice":
        return (
          <p className={`notice ${row.entry.level}`}>
            <Icon name={row.entry.level === "warn" ? "warn" : "info"} size={14} />
            <span>{row.entry.text}</span>
          </p>
        );
      case "pending":
        return (
          <UserMessage
            text={row.pending.text}
            session={store.id}
            attachments={row.pending.attachments}
            note={noteOf(row.pending, t)}
          />
        );
      case "working":
        return (
          <p className="working" role="status">
            <span className="spinner" />
            {t.app.working}
          </p>
        );
      case "end":
        return (
          <TurnEnd
            entry={row.entry}
            answer={row.answer}
            isLast={row.isLast}
            model={known?.find((model) => model.id === row.entry.model)}
            begun={row.isLast && !view.gone ? begunBy(row.entry, view) : undefined}
            retry={retry}
            modelItems={(choose) => modelItems(known ?? [], row.entry.model, choose)}
          />
        );
      case "item": {
        const { entry } = row;
        const { body } = entry.item;
        if (body.type === "userMessage") {
          return <UserMessage text={body.text} session={store.id} attachments={body.attachments ?? NO_FILES} />;
        }
        if (body.type === "agentMessage") {
          return (
            <>
              <Markdown text={textOf(entry)} isOpen={entry.open} />
              {body.partial && !entry.open && !row.saysWhy && <p className="partial">{t.conversation.partial}</p>}
            </>
          );
        }
        if (body.type === "reasoning") return <Reasoning entry={entry} />;
        if (body.type === "summary") return <Summary text={body.text} />;
        const approval = view.approvals.get(entry.item.id);
        if (approval) {
          const decide = (id: string, decision: Decision) => store.decide(id, decision);
          return (
            <div ref={rows[question.first ?? -1] === row ? question.watch : null}>
              <ApprovalCard approval={approval} call={body.call} decide={decide} />
            </div>
          );
        }
        const decision = view.decisions.get(entry.item.id);
        return <CallCard entry={entry} call={body.call} cwd={cwd} {...(decision ? { decision } : {})} />;
      }
    }
  };

  return (
    <div className="conversation">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div ref={scroller} className="scroller" role="region" aria-label={t.conversation.label} tabIndex={0}>
        <div ref={inside}>
          <Virtualizer ref={list} scrollRef={scroller} bufferSize={600} data={rows} shift={isLonger} keepMounted={kept}>
            {(row) => (
              <div key={row.key} className="row" data-kind={row.kind} style={{ paddingTop: row.gap }}>
                <div className="column">{one(row)}</div>
              </div>
            )}
          </Virtualizer>
          <div className="conversation-foot" />
        </div>
      </div>
      {question.isAway ? (
        <button type="button" className="button to-question" onClick={question.show}>
          <Icon name="shield" size={14} />
          {t.conversation.needsAnswer}
        </button>
      ) : (
        isAway && <IconButton className="to-end" icon="down" label={t.conversation.toEnd} onClick={toEnd} />
      )}
      {/* What was there before is read by whoever wants to. */}
      {followed.loaded && <Announcer view={view} />}
    </div>
  );
}

function noteOf(pending: Pending, t: Text): string {
  if (pending.isUnanswered) return t.conversation.unanswered;
  return pending.isSteer ? t.conversation.steering : t.conversation.sending;
}

/** Whether rows were put above those of the time before, which should stay where they are. */
function useGrownAbove(rows: readonly Row[]): boolean {
  const before = useRef(rows[0]?.key);
  useLayoutEffect(() => {
    before.current = rows[0]?.key;
  });
  return before.current !== undefined && before.current !== rows[0]?.key;
}
