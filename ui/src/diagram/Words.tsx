/** A label in a picture, in its lines, around a point. */
import { type Label, LINE } from "./label";

export function Words(props: { label: Label; x: number; y: number; isBacked?: boolean }) {
  const { label, x, y } = props;
  const top = y - label.height / 2;
  return (
    <>
      {props.isBacked && (
        <rect
          className="diagram-back"
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
