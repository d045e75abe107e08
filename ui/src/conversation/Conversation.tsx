/** The session on the page: only what can be seen is drawn, however long it is. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { asError } from "../api";
import { modelItems } from "../composer/models";
import type { Attachment } from "../generated/bindings";
import { Markdown } from "../markdown/Markdown";
import { IconButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import type { Followed, SessionStore } from "../session/store";
import { lastPrompt, textOf } from "../session/view";
import { models } from "../state/asked";
import { place } from "../state/place";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { Announcer } from "./Announcer";
import { ApprovalCard } from "./ApprovalCard";
import { Reasoning, Summary } from "./Aside";
import { CallCard } from "./CallCard";
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
  const { toEnd, letGo, isAway, isScrolled } = useStick(scroller, inside);
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
      const last = lastPrompt(store.state.get().view);
      if (!last) return;
      toEnd();
      store
        .say(last.text, model ? { model } : {}, last.attachments)
        .catch((thrown) => sayError(t.composer.notSent, asError(thrown)));
    },
    [store, t, toEnd],
  );

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
            note={row.pending.isSteer ? t.conversation.steering : t.conversation.sending}
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
            retry={view.gone ? undefined : retry}
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
          return (
            <ApprovalCard approval={approval} call={body.call} decide={(id, decision) => store.decide(id, decision)} />
          );
        }
        const decision = view.decisions.get(entry.item.id);
        return <CallCard entry={entry} call={body.call} cwd={cwd} {...(decision ? { decision } : {})} />;
      }
    }
  };

  return (
    <div className={`conversation ${isScrolled ? "scrolled" : ""}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div ref={scroller} className="scroller" role="region" aria-label={t.conversation.label} tabIndex={0}>
        <div ref={inside}>
          <Virtualizer ref={list} scrollRef={scroller} bufferSize={600} data={rows} shift={isLonger}>
            {(row) => (
              <div key={row.key} className="row" data-kind={row.kind} style={{ paddingTop: row.gap }}>
                <div className="column">{one(row)}</div>
              </div>
            )}
          </Virtualizer>
          <div className="conversation-foot" />
        </div>
      </div>
      {isAway && <IconButton className="to-end" icon="down" label={t.conversation.toEnd} onClick={toEnd} />}
      <Announcer view={view} />
    </div>
  );
}

/** Whether rows were put above those of the time before, which should stay where they are. */
function useGrownAbove(rows: readonly Row[]): boolean {
  const before = useRef(rows[0]?.key);
  useLayoutEffect(() => {
    before.current = rows[0]?.key;
  });
  return before.current !== undefined && before.current !== rows[0]?.key;
}
