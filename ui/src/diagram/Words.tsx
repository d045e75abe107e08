/** A label in a picture, in its lines, around a point. */
import { type Label, LINE } from "./label";

export function Words(props: {
  label: Label;
  x: number;
  y: number;
  /** What it stands on, where a line may run below it. */
  on?: "page" | "group";
}) {
  const { label, x, y, on } = props;
  const top = y - label.height / 2;
  return (
    <>
      {on && (
        <rect
          className={`diagram-back ${on}`}
          x={x - label.width / 2 - 3}
          y={top}
          width={label.width + 6}
          height={label.height}
          rx={3}
        />
      )}
      <text className="diagram-words" x={x} textAnchor="middle">
        {label.lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <tspan key={at} x={x} y={top + LINE * at + 13.5}>
            {line}
          </tspan>
        ))}
      </text>
    </>
  );
}
