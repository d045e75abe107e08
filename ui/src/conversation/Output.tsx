/** What a tool gave back, in the shape that it has: a table, JSON, or text. */
import { useMemo } from "react";
import type { ToolCall } from "../generated/bindings";
import { Coloured } from "../markdown/Code";
import { useBeginning } from "../parts/beginning";
import { clean } from "../parts/visible";
import { useText } from "../text";
import { kindOf } from "./calls";

const LINES = 60;

type Shaped = { table: { head: string[]; rows: string[][] } } | { json: string } | { text: string };

/** A list of plain objects is a table; other JSON is JSON; facts are pairs; the rest is text. */
export function shapeOf(call: ToolCall, text: string): Shaped {
  const kind = kindOf(call);
  if (kind === "facts") {
    const rows = linesOf(text).map((line) => {
      const at = line.indexOf(": ");
      return at > 0 ? [line.slice(0, at), line.slice(at + 2)] : ["", line];
    });
    return { table: { head: [], rows } };
  }
  if (kind === "search") {
    const [first, ...lines] = linesOf(text);
    const rows = lines.map((line) => /^(.*?:\d+): ?(.*)$/.exec(line)?.slice(1) ?? ["", line]);
    if (first?.endsWith(":") && rows.some(([place]) => place !== "")) return { table: { head: [], rows } };
    return { text };
  }
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || trimmed.length > 200_000) return { text };
  try {
    const value: unknown = JSON.parse(trimmed);
    const table = tableOf(value);
    return table ? { table } : { json: JSON.stringify(value, null, 2) };
  } catch {
    return { text };
  }
}

const linesOf = (text: string) => text.replace(/\n+$/, "").split("\n");

function tableOf(value: unknown): { head: string[]; rows: string[][] } | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > 500) return undefined;
  const head = new Set<string>();
  for (const row of value) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) return undefined;
    for (const [name, cell] of Object.entries(row)) {
      if (typeof cell === "object" && cell !== null) return undefined;
      head.add(name);
    }
  }
  if (head.size === 0 || head.size > 12) return undefined;
  const names = [...head];
  return { head: names, rows: value.map((row) => names.map((name) => String(row[name] ?? ""))) };
}

export function Output({ call, text }: { call: ToolCall; text: string }) {
  const shape = useMemo(() => shapeOf(call, clean(text)), [call, text]);
  if ("table" in shape) return <Cells {...shape.table} />;
  if ("json" in shape) return <Lines text={shape.json} language="json" />;
  return <Lines text={shape.text} language="" />;
}

function Cells({ head, rows }: { head: string[]; rows: string[][] }) {
  const t = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard
    <div className="table result-table" role="region" aria-label={t.tool.result} tabIndex={0}>
      <table>
        {head.length > 0 && (
          <thead>
            <tr>
              {head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <tr key={at}>
              {row.map((cell, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                <td key={place}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Text by its first lines; all of it on request. */
export function Lines({ text, language }: { text: string; language: string }) {
  const lines = linesOf(text);
  const { shown, more } = useBeginning(lines.length, LINES);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <pre className="output" tabIndex={0}>
        <Coloured code={lines.slice(0, shown).join("\n")} language={language} />
      </pre>
      {more}
    </>
  );
}
