/** What is inside a node's shape, and where a line to its middle meets its edge. Measured from the middle. */
import type { Shape } from "./flow";

export type Point = { x: number; y: number };
export type Box = { x: number; y: number; width: number; height: number };

/** How far the sides of a hexagon lean in. */
export const LEAN = 12;
/** How high the lid of a cylinder is, from its middle. */
export const LID = 7;

/** How round the corners are of a shape that is a box. */
export function radiusOf(shape: Shape, height: number): number {
  if (shape === "pill") return height / 2;
  return shape === "round" ? 10 : 4;
}

function isInside(shape: Shape, { width, height }: Box, x: number, y: number): boolean {
  const [across, down] = [width / 2, height / 2];
  if (x > across || y > down) return false;
  switch (shape) {
    case "diamond":
      return x / across + y / down <= 1;
    case "circle":
      return Math.hypot(x, y) <= across;
    case "hexagon":
      return x <= across - LEAN * (y / down);
    case "cylinder":
      return y <= down - LID + LID * Math.sqrt(1 - (x / across) ** 2);
    default: {
      const radius = radiusOf(shape, height);
      return Math.hypot(Math.max(0, x - across + radius), Math.max(0, y - down + radius)) <= radius;
    }
  }
}

/** Halvings: after these it is less than a thousandth of a pixel. */
const STEPS = 20;

/** Where a line that comes from a point meets the edge of a shape on its way to the middle. */
export function meets(shape: Shape, box: Box, from: Point): Point {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const [dx, dy] = [from.x - middle.x, from.y - middle.y];
  let [inside, outside] = [0, 1];
  for (let step = 0; step < STEPS; step++) {
    const half = (inside + outside) / 2;
    if (isInside(shape, box, Math.abs(dx * half), Math.abs(dy * half))) inside = half;
    else outside = half;
  }
  return { x: middle.x + dx * inside, y: middle.y + dy * inside };
}
