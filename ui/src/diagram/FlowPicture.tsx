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

/** So far a group's name goes on looking for a place. */
const STEP = 8;

const isInGroup = ({ x, y }: Point, { groups }: Placed) =>
  groups.some(
    (group) =>
      Math.abs(x - group.x - group.width / 2) < group.width / 2 && y > group.y - TITLE && y < group.y + group.height,
  );

/** A group's name stands on one line at its top: on the left, or further right where no line comes in. */
function Title({ group, placed }: { group: PlacedGroup; placed: Placed }) {
  const label = labelled(group.text.replaceAll("\n", " "));
  const y = group.y - TITLE + 6 + LINE / 2;
  const left = group.x + 10 + label.width / 2;
  const right = group.x + group.width - 10 - label.width / 2;
  const isCrossed = (x: number) =>
    placed.edges.some(({ points }) =>
      points.some((point, at) => at > 0 && passes(points[at - 1]!, point, x, y, label.width)),
    );
  let x = left;
  while (x < right && isCrossed(x)) x += STEP;
  if (isCrossed(x)) x = left;
  return <Words label={{ ...label, height: LINE }} x={x} y={y} on="group" />;
}

/** Whether a piece of a line crosses the height of words that stand around a point. */
function passes(a: Point, b: Point, x: number, y: number, width: number): boolean {
  if (a.y === b.y || Math.min(a.y, b.y) > y || Math.max(a.y, b.y) < y) return false;
  const there = a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x);
  return Math.abs(there - x) < width / 2 + 8;
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
