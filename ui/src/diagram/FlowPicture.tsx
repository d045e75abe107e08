/** A flowchart, drawn. */
import type { ReactNode } from "react";
import type { Flow } from "./flow";
import { LINE, labelled } from "./label";
import { type Placed, type PlacedGroup, type PlacedNode, place, TITLE } from "./layout";
import { LEAN, LID, type Point, radiusOf } from "./shape";
import { Words } from "./Words";

export function FlowPicture({ flow, arrow }: { flow: Flow; arrow: string }) {
  const placed = place(flow);
  return (
    <>
      {placed.groups.map((group) => (
        <rect
          key={group.key}
          className="diagram-group"
          x={group.x}
          y={group.y - TITLE}
          width={group.width}
          height={group.height + TITLE}
          rx={10}
        />
      ))}
      {placed.edges.map(({ key, edge, points }) =>
        edge.line === "none" ? null : (
          <path
            key={key}
            className={`diagram-line ${edge.line}`}
            d={curve(points)}
            markerEnd={edge.toArrow ? `url(#${arrow})` : undefined}
            markerStart={edge.fromArrow ? `url(#${arrow})` : undefined}
          />
        ),
      )}
      {placed.nodes.map((one) => (
        <g key={one.key}>
          {shapeOf(one)}
          <Words label={one.label} x={one.x + one.width / 2} y={one.y + one.height / 2} />
        </g>
      ))}
      {placed.edges.map(({ key, label }) =>
        label ? (
          <Words key={key} label={label} x={label.x} y={label.y} on={isInGroup(label, placed) ? "group" : "page"} />
        ) : null,
      )}
      {placed.groups.map((group) => (
        <Title key={group.key} group={group} placed={placed} />
      ))}
    </>
  );
}

/** A group's name looks for a place in these steps, and at the height of its top, its middle and its foot. */
const STEP = 4;
const HEIGHTS = [-LINE / 2, 0, LINE / 2];
/** What a name needs beside it, and how much of its half it may be short of: its width is a guess that is high. */
const BESIDE = 8;
const SHORT = 0.8;

const isInGroup = ({ x, y }: Point, { groups }: Placed) =>
  groups.some(
    (group) =>
      Math.abs(x - group.x - group.width / 2) < group.width / 2 && y > group.y - TITLE && y < group.y + group.height,
  );

/** A group's name stands on one line at its top: on the left, or where it is farthest from lines that come in. */
function Title({ group, placed }: { group: PlacedGroup; placed: Placed }) {
  const label = labelled(group.text.replaceAll("\n", " "));
  const y = group.y - TITLE + 6 + LINE / 2;
  const half = label.width / 2;
  const left = group.x + 10 + half;
  const steps = Math.max(0, Math.floor((group.width - 20 - label.width) / STEP));
  const lines = placed.edges.flatMap(({ points }) => HEIGHTS.flatMap((height) => crossings(points, y + height)));
  const room = (x: number) => Math.min(...lines.map((line) => Math.abs(line - x)));
  let x = left;
  if (room(left) < half + BESIDE) {
    for (let at = 1; at <= steps; at++) if (room(left + at * STEP) > room(x)) x = left + at * STEP;
  }
  // Where no place is free, what runs below it is hidden.
  const on = room(x) < half * SHORT ? "group" : undefined;
  return <Words label={{ ...label, height: LINE }} x={x} y={y} {...(on && { on })} />;
}

/** Where a line is at a height. */
function crossings(points: readonly Point[], y: number): number[] {
  return points.slice(1).flatMap((b, at) => {
    const a = points[at]!;
    const isOver = Math.min(a.y, b.y) > y || Math.max(a.y, b.y) < y || a.y === b.y;
    return isOver ? [] : [a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)];
  });
}

export function sizeOf(flow: Flow): { width: number; height: number } {
  const { width, height } = place(flow);
  return { width, height };
}

function shapeOf({ node, x, y, width, height }: PlacedNode): ReactNode {
  const common = { className: "diagram-node" };
  const [right, bottom, middle, centre] = [x + width, y + height, y + height / 2, x + width / 2];
  switch (node.shape) {
    case "diamond":
      return <path {...common} d={`M${centre} ${y}L${right} ${middle}L${centre} ${bottom}L${x} ${middle}Z`} />;
    case "hexagon":
      return (
        <path
          {...common}
          d={`M${x + LEAN} ${y}H${right - LEAN}L${right} ${middle}L${right - LEAN} ${bottom}H${x + LEAN}L${x} ${middle}Z`}
        />
      );
    case "circle":
      return <circle {...common} cx={centre} cy={middle} r={width / 2} />;
    case "cylinder":
      return (
        <>
          <path
            {...common}
            d={`M${x} ${y + LID}A${width / 2} ${LID} 0 0 1 ${right} ${y + LID}V${bottom - LID}A${width / 2} ${LID} 0 0 1 ${x} ${bottom - LID}Z`}
          />
          <path className="diagram-line solid" d={`M${x} ${y + LID}A${width / 2} ${LID} 0 0 0 ${right} ${y + LID}`} />
        </>
      );
    default:
      return <rect {...common} x={x} y={y} width={width} height={height} rx={radiusOf(node.shape, height)} />;
  }
}

/** A line through points with soft bends. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return "";
  let path = `M${first.x} ${first.y}`;
  for (let at = 0; at < rest.length - 1; at++) {
    const here = rest[at]!;
    const next = rest[at + 1]!;
    const end = at === rest.length - 2 ? next : { x: (here.x + next.x) / 2, y: (here.y + next.y) / 2 };
    path += `Q${here.x} ${here.y} ${end.x} ${end.y}`;
  }
  return rest.length === 1 ? `${path}L${last.x} ${last.y}` : path;
}
