/** Places a flowchart. Its names stay ours: what the layout is given are numbers. */
import dagre from "@dagrejs/dagre";
import type { Flow, FlowEdge, FlowNode } from "./flow";
import { type Label, labelled } from "./label";
import { type Box, LID, meets, type Point } from "./shape";

export type PlacedNode = Box & { key: string; node: FlowNode; label: Label };
export type PlacedEdge = { key: string; edge: FlowEdge; points: readonly Point[]; label?: Label & Point };
export type PlacedGroup = Box & { key: string; text: string };
export type Placed = Box & { nodes: PlacedNode[]; edges: PlacedEdge[]; groups: PlacedGroup[] };

const PAD = 14;
/** The room above what is in a group for its name. */
export const TITLE = 24;

function roomFor(node: FlowNode, { width, height }: Label): { width: number; height: number } {
  const box = { width: Math.max(48, width + 2 * PAD), height: height + 16 };
  if (node.shape === "diamond") return { width: box.width * 1.4 + 16, height: box.height * 1.5 + 10 };
  if (node.shape === "hexagon" || node.shape === "pill") return { ...box, width: box.width + 16 };
  if (node.shape === "cylinder") return { ...box, height: box.height + 2 * LID };
  if (node.shape === "circle") {
    const side = Math.max(box.width, box.height);
    return { width: side, height: side };
  }
  return box;
}

export function place(flow: Flow): Placed {
  const graph = new dagre.graphlib.Graph({ multigraph: true, compound: true });
  graph.setGraph({
    rankdir: flow.direction,
    nodesep: 36,
    ranksep: flow.groups.size > 0 ? 44 + TITLE : 44,
    edgesep: 18,
    marginx: 8,
    marginy: flow.groups.size > 0 ? 8 + TITLE : 8,
  });
  const groups = new Map([...flow.groups.values()].map((group, at) => [group.id, { key: `g${at}`, group }]));
  const nodes = new Map([...flow.nodes.values()].map((node, at) => [node.id, { key: `n${at}`, node }]));
  for (const { key } of groups.values()) graph.setNode(key, {});
  for (const { key, group } of groups.values()) {
    const parent = group.parent === undefined ? undefined : groups.get(group.parent);
    if (parent) graph.setParent(key, parent.key);
  }
  const labels = new Map<string, Label>();
  for (const { key, node } of nodes.values()) {
    const label = labelled(node.text);
    labels.set(key, label);
    graph.setNode(key, roomFor(node, label));
    const group = node.group === undefined ? undefined : groups.get(node.group);
    if (group) graph.setParent(key, group.key);
  }
  const edges = flow.edges.flatMap((edge, at) => {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (!from || !to) return [];
    const label = edge.text === "" ? undefined : labelled(edge.text);
    const room = label ? { width: label.width + 8, height: label.height, labelpos: "c" } : {};
    graph.setEdge(from.key, to.key, room, `e${at}`);
    return [{ edge, label, from: from.key, to: to.key, key: `e${at}` }];
  });
  dagre.layout(graph);
  const boxOf = (key: string): Box => {
    const { x, y, width, height } = graph.node(key) as Box;
    return { x: x - width / 2, y: y - height / 2, width, height };
  };
  const placed = new Map([...nodes.values()].map(({ key, node }) => [key, { node, box: boxOf(key) }]));
  /** The layout knows boxes only; a line goes on to the edge of the shape within. */
  const toShapes = (points: readonly Point[], from: string, to: string): Point[] => {
    const [first, second, last, before] = [placed.get(from), points[1], placed.get(to), points.at(-2)];
    // A group is its box.
    const begin = first && second ? [meets(first.node.shape, first.box, second)] : points.slice(0, 1);
    const end = last && before ? [meets(last.node.shape, last.box, before)] : points.slice(-1);
    return [...begin, ...points.slice(1, -1), ...end];
  };
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    x: 0,
    y: 0,
    width,
    height,
    nodes: [...placed].map(([key, { node, box }]) => ({ ...box, key, node, label: labels.get(key)! })),
    groups: [...groups.values()]
      .map(({ key, group }) => ({ ...boxOf(key), key, text: group.text }))
      .filter((one) => one.width > 0),
    edges: edges.map(({ edge, label, from, to, key }) => {
      const laid = graph.edge(from, to, key) as { points: Point[]; x?: number; y?: number };
      const at = { x: laid.x ?? 0, y: laid.y ?? 0 };
      return { key, edge, points: toShapes(laid.points, from, to), ...(label ? { label: { ...label, ...at } } : {}) };
    }),
  };
}
