/** A sequence, drawn: a column for each party, a row for each step. */
import type { ReactNode } from "react";
import { type Label, LINE, labelled } from "./label";
import type { Sequence, Step } from "./sequence";
import { Words } from "./Words";

const HEAD = 40;
const GAP = 28;
const EDGE = 12;

type Plan = {
  width: number;
  height: number;
  columns: Map<string, number>;
  rows: { step: Step; y: number; label: Label }[];
};

export function planOf(all: Sequence): Plan {
  const ids = [...all.parties.keys()];
  const place = new Map(ids.map((id, at) => [id, at]));
  const heads = ids.map((id) => labelled(all.parties.get(id)?.text ?? id).width + 28);
  // Between two neighbours there is room for what they say to each other.
  const gaps = ids.slice(1).map((_, at) => ((heads[at] ?? 0) + (heads[at + 1] ?? 0)) / 2 + 24);
  let tail = 0;
  for (const step of all.steps) {
    if (step.kind !== "message") continue;
    const from = place.get(step.from) ?? 0;
    const to = place.get(step.to) ?? 0;
    const room = labelled(step.text).width + 32;
    const left = Math.min(from, to);
    if (from === to && from === ids.length - 1) tail = Math.max(tail, room + 24);
    else if (from === to) gaps[from] = Math.max(gaps[from] ?? 0, room + 24);
    else if (Math.abs(from - to) === 1) gaps[left] = Math.max(gaps[left] ?? 0, room);
  }
  const columns = new Map<string, number>();
  let x = EDGE + (heads[0] ?? 0) / 2;
  ids.forEach((id, at) => {
    columns.set(id, x);
    x += gaps[at] ?? 0;
  });
  const last = columns.get(ids.at(-1) ?? "") ?? 0;
  let y = HEAD + GAP;
  const rows = all.steps.map((step) => {
    const label = labelled(step.text);
    const isQuiet = step.kind === "block" && step.text === "";
    const height = isQuiet ? 12 : label.height + (step.kind === "note" ? 28 : 20);
    const isToSelf = step.kind === "message" && step.from === step.to;
    const row = { step, y: y + height - 8, label };
    y += height + (isToSelf ? 20 : 4);
    return row;
  });
  return { width: last + Math.max((heads.at(-1) ?? 0) / 2, tail) + EDGE, height: y + 12, columns, rows };
}

export function SequencePicture({ sequence, plan, arrow }: { sequence: Sequence; plan: Plan; arrow: string }) {
  const { columns, rows, width, height } = plan;
  return (
    <>
      {[...sequence.parties.values()].map((party) => {
        const x = columns.get(party.id) ?? 0;
        const label = labelled(party.text);
        return (
          <g key={party.id}>
            <line className="diagram-life" x1={x} x2={x} y1={HEAD} y2={height - 8} />
            <rect
              className="diagram-node"
              x={x - label.width / 2 - 14}
              y={6}
              width={label.width + 28}
              height={HEAD - 8}
              rx={6}
            />
            <Words label={{ ...label, height: LINE, lines: label.lines.slice(0, 1) }} x={x} y={6 + (HEAD - 8) / 2} />
          </g>
        );
      })}
      {rows.map(({ step, y, label }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        <g key={at}>{drawn(step, y, label, columns, width, arrow)}</g>
      ))}
    </>
  );
}

function drawn(step: Step, y: number, label: Label, columns: Plan["columns"], width: number, arrow: string): ReactNode {
  if (step.kind === "block") {
    const inset = EDGE / 2 + step.depth * 8;
    return (
      <>
        <line className="diagram-block" x1={inset} x2={width - inset} y1={y} y2={y} />
        {step.text !== "" && <Words label={label} x={inset + label.width / 2 + 8} y={y - label.height / 2 - 2} />}
      </>
    );
  }
  if (step.kind === "note") {
    const places = step.over.map((id) => columns.get(id) ?? 0);
    const x = (Math.min(...places) + Math.max(...places)) / 2;
    const room = Math.max(label.width + 20, Math.max(...places) - Math.min(...places) + 24);
    return (
      <>
        <rect
          className="diagram-note"
          x={x - room / 2}
          y={y - label.height - 10}
          width={room}
          height={label.height + 12}
          rx={4}
        />
        <Words label={label} x={x} y={y - label.height / 2 - 4} />
      </>
    );
  }
  const from = columns.get(step.from) ?? 0;
  const to = columns.get(step.to) ?? 0;
  const line = step.isDotted ? "dotted" : "solid";
  const end = step.end === "arrow" ? `url(#${arrow})` : undefined;
  if (from === to) {
    return (
      <>
        <Words label={label} x={from + label.width / 2 + 10} y={y - label.height / 2 - 4} />
        <path className={`diagram-line ${line}`} d={`M${from} ${y}h28v14H${from + 2}`} markerEnd={end} />
      </>
    );
  }
  const tip = to + (to > from ? -2 : 2);
  return (
    <>
      <Words label={label} x={(from + to) / 2} y={y - label.height / 2 - 4} on="page" />
      <path className={`diagram-line ${line}`} d={`M${from} ${y}H${tip}`} markerEnd={end} />
      {step.end === "cross" && <path className="diagram-line solid" d={`M${tip - 4} ${y - 4}l8 8m0 -8l-8 8`} />}
    </>
  );
}
