/**
 * The question whether a call may run: the only loud thing on the page. It shows exactly what will run, where, and what
 * it can reach, made from the accesses. The focus starts on the text, and its buttons wake a moment after it came,
 * so that a key meant for the message never approves.
 */
import { useEffect, useId, useRef, useState } from "react";
import { asError } from "../api";
import type { Access, Approval, Decision, ToolCall } from "../generated/bindings";
import { KEYS } from "../palette/keys";
import { Icon } from "../parts/icons";
import { visible } from "../parts/visible";
import { isHeld } from "../sidebar/focus";
import { status } from "../state/asked";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import type { Text } from "../text/en";
import { bytes } from "../text/units";
import { Asked } from "./CallBody";
import { kindOf } from "./calls";

const ASLEEP_MS = 500;
const LONGEST = 4000;
const END = 1500;

function titleOf(accesses: readonly Access[], t: Text): string {
  const kinds = new Set(accesses.map((access) => access.type));
  if (kinds.size > 1 || accesses.length > 1) return t.approval.several;
  const [only] = kinds;
  return only ? t.approval[only] : t.approval.other;
}

export function ApprovalCard(props: {
  approval: Approval;
  call: ToolCall;
  decide: (approvalId: string, decision: Decision) => Promise<unknown>;
}) {
  const t = useText();
  const { approval, call } = props;
  const [isAwake, setAwake] = useState(false);
  const [sent, setSent] = useState(false);
  const text = useRef<HTMLDivElement>(null);
  const id = useId();
  const sandbox = useStore(status.store).value?.sandbox;

  useEffect(() => {
    const timer = setTimeout(() => setAwake(true), ASLEEP_MS);
    // Only from where nothing is being typed.
    const active = document.activeElement;
    const isTyping = active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement;
    if (!isHeld() && (!isTyping || active.value === "")) text.current?.focus({ preventScroll: true });
    return () => clearTimeout(timer);
  }, []);

  const answer = (decision: Decision) => {
    if (!isAwake || sent) return;
    setSent(true);
    props.decide(approval.id, decision).catch((thrown) => {
      setSent(false);
      sayError(t.approval.failed, asError(thrown));
    });
  };

  const reach = [...new Set(approval.accesses.map((access) => access.type))].map((type) => {
    if (type === "run") return sandbox ? t.approval.reachRunConfined(sandbox) : t.approval.reachRun;
    return { write: t.approval.reachWrite, read: t.approval.reachRead, system: t.approval.reachSystem }[type];
  });

  return (
    <section className="approval" aria-labelledby={id} data-approval={approval.id}>
      <div ref={text} className="approval-text" tabIndex={-1} role="group" aria-labelledby={id}>
        <kbd className="approval-key">{KEYS.approval.shown}</kbd>
        <h3 id={id} className="approval-title">
          <Icon name="shield" />
          {titleOf(approval.accesses, t)}
        </h3>
        {approval.accesses.map((access, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an access is its place
          <OneAccess key={at} access={access} t={t} />
        ))}
        {!approval.accesses.some((access) => access.type === "run") && kindOf(call) !== "read" && <Asked call={call} />}
        {approval.accesses.length === 0 && <p className="approval-reach">{visible(approval.question)}</p>}
        {reach.map((line) => (
          <p key={line} className="approval-reach">
            {line}
          </p>
        ))}
      </div>
      <div className="approval-actions">
        <button
          type="button"
          className="button accent"
          disabled={sent}
          aria-disabled={!isAwake}
          onClick={() => answer({ type: "allow-once" })}
        >
          {t.approval.once}
        </button>
        <button
          type="button"
          className="button"
          disabled={sent}
          aria-disabled={!isAwake}
          onClick={() => answer({ type: "deny", reason: "" })}
        >
          {t.approval.deny}
        </button>
        <span className="approval-lasting">
          {approval.choices.includes("allow-for-session") && (
            <button
              type="button"
              className="button plain"
              disabled={sent}
              aria-disabled={!isAwake}
              onClick={() => answer({ type: "allow-for-session" })}
            >
              {t.approval.session}
            </button>
          )}
          {approval.choices.includes("allow-always") && (
            <button
              type="button"
              className="button plain"
              disabled={sent}
              aria-disabled={!isAwake}
              title={t.approval.alwaysAbout}
              onClick={() => answer({ type: "allow-always" })}
            >
              {t.approval.always}
            </button>
          )}
        </span>
      </div>
    </section>
  );
}

function OneAccess({ access, t }: { access: Access; t: Text }) {
  if (access.type === "system") return null;
  if (access.type === "run") {
    return (
      <>
        <Exactly text={access.command} />
        <p className="call-where">
          {t.approval.in} <span className="mono">{visible(access.cwd)}</span>
        </p>
      </>
    );
  }
  return <p className="approval-path mono">{visible(access.path)}</p>;
}

/** A text whole; a very long one by both ends first, with how much is between. */
function Exactly({ text }: { text: string }) {
  const t = useText();
  const [all, setAll] = useState(false);
  const shown = visible(text);
  const isCut = shown.length > LONGEST && !all;
  const hidden = bytes(shown.length - 2 * END);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <pre className="command" tabIndex={0}>
        {isCut ? `${shown.slice(0, END)}\n⋯ ${hidden} ⋯\n${shown.slice(-END)}` : shown}
      </pre>
      {isCut && (
        <button type="button" className="button plain" onClick={() => setAll(true)}>
          {t.approval.view(hidden)}
        </button>
      )}
    </>
  );
}
