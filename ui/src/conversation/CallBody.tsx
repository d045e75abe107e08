/** The inside of a call: what was asked for, and what came of it. */
import type { ToolCall } from "../generated/bindings";
import { visible } from "../parts/visible";
import { useText } from "../text";
import { bytes } from "../text/units";
import { argument, kindOf } from "./calls";
import { Diff } from "./Diff";
import { Lines, Output } from "./Output";

/** What will run or change, exactly; the same for a question and for what was done. */
export function Asked({ call }: { call: ToolCall }) {
  const t = useText();
  const run = call.accesses?.find((access) => access.type === "run");
  if (run?.type === "run") {
    return (
      <div className="call-part">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
        <pre className="command" tabIndex={0}>
          {visible(run.command)}
        </pre>
        <p className="call-where">
          {t.tool.folder} <span className="mono">{visible(run.cwd)}</span>
        </p>
      </div>
    );
  }
  if (kindOf(call) === "change" && isAsDescribed(call)) return <Change call={call} />;
  const given = JSON.stringify(call.arguments, null, 2);
  if ((kindOf(call) !== "other" && kindOf(call) !== "change") || given === "{}") return null;
  return (
    <div className="call-part">
      <h3 className="call-heading">{t.tool.arguments}</h3>
      <Lines text={visible(given)} language="json" />
    </div>
  );
}

const CHANGE_KEYS = ["path", "mode", "content", "old", "new"];

/**
 * Whether the arguments of a change are letter for letter those that its picture is made of. The tool forgives
 * models more than that, and what it would make of them must never differ from what is seen.
 */
function isAsDescribed(call: ToolCall): boolean {
  const given = call.arguments;
  if (typeof given !== "object" || given === null || Array.isArray(given)) return false;
  const { mode, content, old } = given as Record<string, unknown>;
  const isText = Object.entries(given).every(([key, value]) => CHANGE_KEYS.includes(key) && typeof value === "string");
  if (!isText || "old" in given !== "new" in given) return false;
  if (mode === "replace") return old !== undefined && content === undefined;
  if (mode === undefined) return (old === undefined) !== (content === undefined);
  return (mode === "create" || mode === "append" || mode === "overwrite") && old === undefined;
}

function Change({ call }: { call: ToolCall }) {
  const t = useText();
  const mode = argument(call, "mode");
  const old = argument(call, "old");
  const content = argument(call, "content") ?? "";
  const isReplace = mode === "replace" || (!mode && old !== undefined);
  const heading =
    mode === "append" ? t.tool.appended : mode === "create" ? t.tool.newFile : isReplace ? "" : t.tool.replaced;
  return (
    <div className="call-part">
      {heading && <h3 className="call-heading">{heading}</h3>}
      {isReplace ? <Diff before={old ?? ""} after={argument(call, "new") ?? ""} /> : <Diff before="" after={content} />}
    </div>
  );
}

export function CallBody({ call }: { call: ToolCall }) {
  const t = useText();
  const { output } = call;
  const omitted = output?.omittedBytes ?? 0;
  const isCommand = kindOf(call) === "command";
  const isQuietChange = kindOf(call) === "change" && call.status === "succeeded";
  return (
    <>
      <Asked call={call} />
      {call.status === "outcomeUnknown" && <p className="call-hint">{t.tool.unknownHint}</p>}
      {call.status === "denied" && <p className="call-hint">{t.tool.deniedHint}</p>}
      {output && !isQuietChange && call.status !== "denied" && (
        <div className="call-part">
          {output.text.trim() !== "" ? (
            <Output call={call} text={output.text} />
          ) : (
            isCommand && <p className="call-hint">{t.tool.noOutput}</p>
          )}
          {omitted > 0 && <p className="call-hint">{t.tool.cut(bytes(omitted))}</p>}
          {output.spillPath && <p className="call-hint">{t.tool.spill(visible(output.spillPath))}</p>}
        </div>
      )}
    </>
  );
}
