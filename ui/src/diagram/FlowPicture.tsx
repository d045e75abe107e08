/** A flowchart, drawn. */
import type { ReactNode } from "react";
import type { Flow } from "./flow";
import { LINE, labelled } from "./label";
import { type PlacedNode, type Point, place, TITLE } from "./layout";
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
        label ? <Words key={key} label={label} x={label.x} y={label.y} isBacked /> : null,
      )}
      {placed.groups.map((group) => (
        <Title key={group.key} text={group.text} x={group.x + 10} y={group.y - TITLE + 12} />
      ))}
    </>
  );
}

/** A group's name stands in its upper left corner, on one line. */
function Title({ text, x, y }: { text: string; x: number; y: number }) {
  const label = labelled(text.replaceAll("\n", " "));
  return <Words label={label} x={x + label.width / 2} y={y + (label.height - LINE) / 2} isBacked />;
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
          d={`M${x + 12} ${y}H${right - 12}L${right} ${middle}L${right - 12} ${bottom}H${x + 12}L${x} ${middle}Z`}
        />
      );
    case "circle":
      return <circle {...common} cx={centre} cy={middle} r={width / 2} />;
    case "cylinder":
      return (
        <>
          <path
            {...common}
            d={`M${x} ${y + 7}A${width / 2} 7 0 0 1 ${right} ${y + 7}V${bottom - 7}A${width / 2} 7 0 0 1 ${x} ${bottom - 7}Z`}
          />
          <path className="diagram-line solid" d={`M${x} ${y + 7}A${width / 2} 7 0 0 0 ${right} ${y + 7}`} />
        </>
      );
    default: {
      const radius = node.shape === "pill" ? height / 2 : node.shape === "round" ? 10 : 4;
      return <rect {...common} x={x} y={y} width={width} height={height} rx={radius} />;
    }
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
