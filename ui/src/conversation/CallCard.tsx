/** A call: one line when it is done, open with its newest output while it runs. */
import { memo, useId, useState } from "react";
import type { Decision, ToolCall } from "../generated/bindings";
import { Icon } from "../parts/icons";
import { clean, visible } from "../parts/visible";
import type { ItemEntry } from "../session/view";
import { useText } from "../text";
import type { Text } from "../text/en";
import { duration } from "../text/units";
import { CallBody } from "./CallBody";
import { iconOf, kindOf, objectOf, verbOf } from "./calls";

const WATCHED_LINES = 12;

export const CallCard = memo(function CallCard(props: {
  entry: ItemEntry;
  call: ToolCall;
  cwd: string;
  decision?: Decision;
}) {
  const t = useText();
  const { entry, call } = props;
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const isRunning = call.status === "running" && entry.open;
  const object = visible(objectOf(call, props.cwd, t))
    .split("\n")
    .join(" ⏎ ");
  return (
    <section className={`call ${isOpen ? "open" : ""}`} data-status={call.status}>
      <button
        type="button"
        className="call-line"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="call-mark">
          {isRunning ? (
            <span className="spinner" />
          ) : (
            <Icon name={call.status === "outcomeUnknown" ? "help" : iconOf(call)} />
          )}
          <Icon name="chevronRight" size={14} />
        </span>
        <span className="call-verb">{verbOf(call, isRunning, t)}</span>
        <span className={`call-object ${kindOf(call) === "facts" ? "words" : ""}`}>{object}</span>
        <span className="call-result">{resultOf(call, t, props.decision)}</span>
      </button>
      {isRunning && !isOpen && <Watched text={entry.output.text} label={t.tool.output} earlier={t.tool.earlier} />}
      {!isOpen && call.status === "failed" && call.output?.exitCode == null && (
        <p className="call-error">
          {clean(call.output?.text ?? "")
            .trim()
            .slice(0, 400)}
        </p>
      )}
      {!isOpen && call.status === "outcomeUnknown" && <p className="call-error">{t.tool.unknownHint}</p>}
      <div id={id} className="call-body" hidden={!isOpen}>
        {isOpen && <CallBody call={call} />}
        {isOpen && isRunning && <Watched text={entry.output.text} label={t.tool.output} earlier={t.tool.earlier} />}
      </div>
    </section>
  );
});

/** How it ended, in a few words. */
export function resultOf(call: ToolCall, t: Text, decision?: Decision): string {
  const { output, status } = call;
  const said: string[] = [];
  if (status !== "succeeded" && status !== "running" && status !== "waiting") said.push(t.tool[status]);
  if (status === "succeeded" && decision?.type === "allow-once") said.push(t.approval.allowedOnce);
  if (status === "succeeded" && decision?.type === "allow-for-session") said.push(t.approval.allowedForSession);
  if (status === "succeeded" && decision?.type === "allow-always") said.push(t.approval.allowedAlways);
  if (output && status !== "denied" && status !== "cancelled") {
    if (output.exitCode != null && output.exitCode !== 0) said.push(t.tool.exit(output.exitCode));
    const lines = output.text.trim() === "" ? 0 : output.text.trim().split("\n").length;
    const kind = kindOf(call);
    const matches = /^(\d+) match/.exec(output.text);
    if (kind === "search" && matches) said.push(t.tool.matches(Number(matches[1])));
    else if (status === "succeeded" && lines > 1 && (kind === "command" || kind === "read")) {
      const counted = kind === "read" ? /^\((\d+) line/.exec(output.text)?.[1] : undefined;
      said.push(t.tool.lines(counted ? Number(counted) : lines));
    }
    const took = output.tookMs ?? 0;
    if (took >= 100) said.push(duration(took));
  }
  return said.join(" · ");
}

function Watched({ text, label, earlier }: { text: string; label: string; earlier: (n: number) => string }) {
  const lines = clean(text).replace(/\n$/, "").split("\n");
  if (text === "") return null;
  const hidden = lines.length - WATCHED_LINES;
  return (
    <div className="watched" role="group" aria-label={label}>
      {hidden > 0 && <p className="watched-earlier">{earlier(hidden)}</p>}
      <pre>{lines.slice(-WATCHED_LINES).join("\n")}</pre>
    </div>
  );
}
