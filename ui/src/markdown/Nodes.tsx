/**
 * Draws a Markdown tree with React elements alone: no HTML is ever made from text. Raw HTML is shown as it was
 * written, an image is a labelled chip, and nothing is fetched.
 */
import type { Nodes as Node, PhrasingContent, Table } from "mdast";
import type { ReactNode } from "react";
import { Icon } from "../parts/icons";
import { clean } from "../parts/visible";
import type { Text } from "../text/en";
import { Code } from "./Code";
import { Formula } from "./Formula";
import { Link } from "./Link";

export type Drawing = { links: ReadonlyMap<string, string>; text: Text; isOpen: boolean };

/** Deeper than this it is words alone. */
const DEEPEST = 40;

export function draw(node: Node, how: Drawing, key: number | string, depth = 0): ReactNode {
  if (depth > DEEPEST) return <span key={key}>{words(node)}</span>;
  const inside = () =>
    "children" in node ? node.children.map((child, at) => draw(child as Node, how, at, depth + 1)) : null;
  switch (node.type) {
    case "text":
      return clean(node.value);
    case "paragraph":
      return <p key={key}>{inside()}</p>;
    case "heading": {
      // The page's own title is above everything that is said on it.
      const Heading = `h${Math.min(6, node.depth + 2)}` as "h3";
      return (
        <Heading key={key} data-level={node.depth}>
          {inside()}
        </Heading>
      );
    }
    case "strong":
      return <strong key={key}>{inside()}</strong>;
    case "emphasis":
      return <em key={key}>{inside()}</em>;
    case "delete":
      return <del key={key}>{inside()}</del>;
    case "inlineCode":
      return <code key={key}>{clean(node.value)}</code>;
    case "break":
      return <br key={key} />;
    case "thematicBreak":
      return <hr key={key} />;
    case "blockquote":
      return <blockquote key={key}>{inside()}</blockquote>;
    case "list":
      return node.ordered ? (
        <ol key={key} start={node.start ?? 1}>
          {inside()}
        </ol>
      ) : (
        <ul key={key}>{inside()}</ul>
      );
    case "listItem":
      return (
        <li key={key} className={typeof node.checked === "boolean" ? "task" : undefined}>
          {typeof node.checked === "boolean" && (
            <span
              className={`task-box ${node.checked ? "checked" : ""}`}
              role="img"
              aria-label={node.checked ? how.text.markdown.done : how.text.markdown.open}
            >
              {node.checked && <Icon name="check" size={12} />}
            </span>
          )}
          {node.children.map((child, at) =>
            // A tight item has no paragraph of its own.
            child.type === "paragraph" && !node.spread
              ? child.children.map((one, place) => draw(one, how, `${at}.${place}`, depth + 2))
              : draw(child, how, at, depth + 1),
          )}
        </li>
      );
    case "code":
      return <Code key={key} code={node.value} language={node.lang ?? ""} isOpen={how.isOpen} />;
    case "formula":
      return <Formula key={key} source={node.value} isBlock={node.isBlock} isHalf={node.isHalf} />;
    case "link":
      return (
        <Link key={key} address={node.url}>
          {inside()}
        </Link>
      );
    case "linkReference": {
      const address = how.links.get(node.identifier);
      if (!address) return <span key={key}>[{inside()}]</span>;
      return (
        <Link key={key} address={address}>
          {inside()}
        </Link>
      );
    }
    case "image":
    case "imageReference":
      return (
        <span key={key} className="md-image" title={how.text.markdown.imageHint}>
          <Icon name="image" size={14} />
          {clean(node.alt ?? "") || how.text.markdown.image}
        </span>
      );
    case "html":
      return depth === 0 ? (
        <p key={key} className="md-raw">
          {clean(node.value)}
        </p>
      ) : (
        <span key={key} className="md-raw">
          {clean(node.value)}
        </span>
      );
    case "table":
      return <TableBlock key={key} table={node} how={how} />;
    case "footnoteReference":
      return <sup key={key}>{node.identifier}</sup>;
    case "footnoteDefinition":
      return (
        <div key={key} className="md-footnote">
          <sup>{node.identifier}</sup>
          <div>{inside()}</div>
        </div>
      );
    case "definition":
    case "yaml":
      return null;
    default:
      return "children" in node ? <span key={key}>{inside()}</span> : null;
  }
}

function TableBlock({ table, how }: { table: Table; how: Drawing }) {
  const [head, ...rows] = table.children;
  const align = (at: number) => table.align?.[at] ?? undefined;
  const cells = (row: typeof head, Cell: "th" | "td") =>
    row?.children.map((cell, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
      <Cell key={at} data-align={align(at)} scope={Cell === "th" ? "col" : undefined}>
        {cell.children.map((child, place) => draw(child as PhrasingContent, how, place, 3))}
      </Cell>
    ));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard
    <div className="table" role="group" aria-label={how.text.markdown.table} tabIndex={0}>
      <table>
        <thead>
          <tr>{cells(head, "th")}</tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
            <tr key={at}>{cells(row, "td")}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The words of a tree without its shape; does not descend by calls, however deep it is. */
export function words(node: Node): string {
  const said: string[] = [];
  const left: Node[] = [node];
  while (left.length > 0) {
    const next = left.pop()!;
    if ("value" in next) said.push(clean(next.value));
    if ("children" in next) left.push(...(next.children as Node[]).toReversed());
  }
  return said.join(" ");
}
