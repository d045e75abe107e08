import { describe, expect, it } from "vitest";
import type { Flow } from "./flow";
import { labelled, plain } from "./label";
import { readDiagram } from "./read";
import type { Sequence } from "./sequence";

const flow = (source: string) => readDiagram(source) as Flow;

describe("a flowchart", () => {
  it("is read with its shapes, links and words", () => {
    const read = flow(`graph TD
      %% a comment
      A[Start] --> B{Is it "good"?}
      B -->|yes| C(["Done"])
      B -- no, again --> A
      B -.-> D[(Store)]
      D ==> E((x)) & F
      classDef red fill:#f00
      class A red`);
    expect([...read.nodes.values()].map((node) => [node.id, node.text, node.shape])).toEqual([
      ["A", "Start", "box"],
      ["B", 'Is it "good"?', "diamond"],
      ["C", "Done", "pill"],
      ["D", "Store", "cylinder"],
      ["E", "x", "circle"],
      ["F", "F", "box"],
    ]);
    expect(read.edges.map((edge) => [edge.from, edge.to, edge.text, edge.line])).toEqual([
      ["A", "B", "", "solid"],
      ["B", "C", "yes", "solid"],
      ["B", "A", "no, again", "solid"],
      ["B", "D", "", "dotted"],
      ["D", "E", "", "thick"],
      ["D", "F", "", "thick"],
    ]);
  });

  it("is read on one line, with words close to the link, and with names of every language", () => {
    const read = flow("flowchart LR; A--Yes-->B; B---C; Übung-2 --> 结束");
    expect(read.direction).toBe("LR");
    expect(read.edges.map((edge) => [edge.from, edge.to, edge.text, edge.toArrow])).toEqual([
      ["A", "B", "Yes", true],
      ["B", "C", "", false],
      ["Übung-2", "结束", "", true],
    ]);
  });

  it("keeps semicolons that stand in words, and leaves out what a click would do", () => {
    const read = flow('graph TD; A["<b>one; two</b>"] --> B(x; y); click A "javascript:alert(1)"');
    expect([...read.nodes.values()].map((node) => node.text)).toEqual(["<b>one; two</b>", "x; y"]);
  });

  it("has groups within groups", () => {
    const read = flow("graph TB\nsubgraph one [The first]\n A-->B\n subgraph two\n C\n end\nend\nB-->C");
    expect(read.nodes.get("A")?.group).toBe("one");
    expect(read.nodes.get("C")?.group).toBe("two");
    expect(read.groups.get("two")?.parent).toBe("one");
    expect(read.groups.get("one")?.text).toBe("The first");
  });

  it("keeps names that objects have for themselves", () => {
    expect([...flow("graph TD\nconstructor --> __proto__").nodes.keys()]).toEqual(["constructor", "__proto__"]);
  });
});

describe("a sequence", () => {
  it("is read with its parties, messages, notes and blocks", () => {
    const read = readDiagram(`sequenceDiagram
      autonumber
      participant U as The person
      U->>+J: asks
      loop every token
        J-->>U: a piece
      end
      Note over U,J: all is well
      J-xU: stops`) as Sequence;
    expect([...read.parties.values()].map((party) => party.text)).toEqual(["The person", "J"]);
    expect(read.steps.map((step) => step.kind)).toEqual(["message", "block", "message", "block", "note", "message"]);
    expect(read.steps[2]).toMatchObject({ from: "J", to: "U", isDotted: true, end: "arrow" });
    expect(read.steps[5]).toMatchObject({ text: "stops", end: "cross" });
  });
});

describe("what is not drawn", () => {
  it("stays text: other kinds, what is not understood, what is too much", () => {
    for (const source of [
      "pie title Pets\n Dogs: 3",
      "gantt",
      "",
      "graph TD\nA --> ",
      "graph TD\nA[open --> B",
      "graph TD\nsubgraph x\nA\nend\nx --> B",
      `graph TD\n${Array.from({ length: 500 }, (_, n) => `a${n} --> b${n}`).join("\n")}`,
      "x".repeat(30_000),
    ]) {
      expect(readDiagram(source)).toBeUndefined();
    }
  });
});

describe("words in a diagram", () => {
  it("are text, whatever they look like", () => {
    expect(plain('"<img src=x onerror=alert(1)><br/>two"')).toBe("<img src=x onerror=alert(1)>\ntwo");
    expect(plain("a\u001b[2Jb\u202ec")).toBe("ab<U+202E>c");
  });

  it("are broken into lines, and many lines are cut", () => {
    expect(labelled("one two three four five six seven eight").lines).toEqual([
      "one two three four five six",
      "seven eight",
    ]);
    expect(labelled(Array.from({ length: 30 }, () => "line").join("\n")).lines).toHaveLength(8);
  });
});
