import { describe, expect, it } from "vitest";
import type { Flow, Shape } from "./flow";
import { place } from "./layout";
import { readDiagram } from "./read";
import { meets } from "./shape";

const box = { x: 0, y: 0, width: 100, height: 50 };
const near = (shape: Shape, from: { x: number; y: number }) => {
  const { x, y } = meets(shape, box, from);
  return [Number(x.toFixed(1)), Number(y.toFixed(1))];
};

describe("a line to a shape", () => {
  it("ends at the shape's edge, not at the box around it", () => {
    expect(near("box", { x: 50, y: -75 })).toEqual([50, 0]);
    expect(near("diamond", { x: 50, y: -75 })).toEqual([50, 0]);
    // Half way between two tips of a diamond.
    expect(near("diamond", { x: 150, y: 75 })).toEqual([75, 37.5]);
    expect(near("cylinder", { x: 50, y: -75 })).toEqual([50, 0]);
    expect(near("hexagon", { x: 200, y: 25 })).toEqual([100, 25]);
    const [x, y] = near("cylinder", { x: 90, y: -15 }) as [number, number];
    // Beside the top of its lid.
    expect(y).toBeGreaterThan(0.5);
    expect(x).toBeLessThan(90);
    expect(meets("circle", { ...box, height: 100 }, { x: 150, y: 50 }).x).toBeCloseTo(100);
  });

  it("is drawn from edge to edge in a chart of every shape", () => {
    const flow = readDiagram(
      "flowchart TD\n A[a] --> B{b}\n B --> C[(c)]\n B --> D((d))\n C --> E{{e}}\n E --> B",
    ) as Flow;
    const { nodes, edges } = place(flow);
    for (const { edge, points } of edges)
      for (const [id, at, next] of [
        [edge.from, points[0]!, points[1]!],
        [edge.to, points.at(-1)!, points.at(-2)!],
      ] as const) {
        const one = nodes.find(({ node }) => node.id === id)!;
        const edgeAt = meets(one.node.shape, one, next);
        expect(Math.hypot(at.x - edgeAt.x, at.y - edgeAt.y)).toBeLessThan(0.01);
      }
  });
});
