import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { type Blocks, cut, EMPTY } from "./blocks";
import { Drawn } from "./Markdown";

const html = (text: string, isOpen = false) => renderToStaticMarkup(<Drawn text={text} isOpen={isOpen} />);

function grown(text: string, step: number): Blocks {
  let blocks = EMPTY;
  for (let end = step; end < text.length; end += step) blocks = cut(text.slice(0, end), blocks, true);
  return cut(text, blocks);
}

const CODE = "```sh\nls\n```\n";
const TEXT = `See [the guide][g], [Beds] and a note[^1].

Nothing refers here, [not even this].

${CODE}
  - the [guide][G]
  - x

    ![a][beds]

> [g]

[g]: https://guide.example
[beds]: https://beds.example "Beds"

[g]: https://other.example

[^1]: It says [so][g].
`;

it("A reference leads to what is defined behind it, also behind code, however the text grew", () => {
  const whole = html(TEXT);
  expect(whole.match(/title="https:\/\/guide\.example\/"/g)).toHaveLength(4);
  expect(whole.match(/title="https:\/\/beds\.example\/"/g)).toHaveLength(1);
  expect(whole).toContain("a note<sup>1</sup>.");
  expect(whole).toContain("[not even this]");
  expect(whole).not.toContain("other.example");
  expect(whole.match(/<ul>/g)).toHaveLength(1);
  // Where it stands in its block is no matter.
  const shape = ({ blocks }: Blocks) =>
    JSON.parse(JSON.stringify(blocks, (key, value) => (key === "position" ? undefined : value)));
  for (const step of [1, 3, 17, 64]) expect(shape(grown(TEXT, step))).toEqual(shape(cut(TEXT)));
});

it("Only what refers to it is read again, at the end", () => {
  const before = cut(`[a]\n\nb [c]\n\n${CODE}\n[a]: https://a.exam`, EMPTY, true);
  const now = cut(`[a]\n\nb [c]\n\n${CODE}\n[a]: https://a.example`, before, true);
  expect(now.blocks.slice(0, 3)).toEqual(before.blocks.slice(0, 3));
  const done = cut(now.text, now);
  expect(done.blocks[0]).not.toBe(now.blocks[0]);
  expect(done.blocks[0]?.known.links.get("a")).toBe("https://a.example");
  expect(done.blocks[1]).toBe(now.blocks[1]);
  expect(done.blocks[2]).toBe(now.blocks[2]);
});

it("What is defined at the beginning is known while the text grows", () => {
  const text = "[a]: https://a.example\n\nSee [a].\n\nAnd [a] ";
  let blocks = EMPTY;
  for (let end = 1; end <= text.length; end++) blocks = cut(text.slice(0, end), blocks, true);
  const references = JSON.stringify(blocks.blocks.map(({ node }) => node)).match(/linkReference/g);
  expect(references).toHaveLength(2);
});

it("A footnote may speak of another one", () => {
  const markup = html(`[^a]: See [^b] and [^a].\n\n${CODE}\n[^b]: Here.`);
  expect(markup).toContain("See <sup>b</sup> and <sup>a</sup>.");
});

it("Names such as those of every object are names like any other", () => {
  expect(html("[constructor] and [__proto__]\n\n[^toString]")).not.toContain("md-link");
  expect(html("[__proto__]\n\n[__proto__]: https://a.example")).toContain("https://a.example/");
});

it("Thousands of definitions and references are read in the time of their letters", () => {
  const many = Array.from({ length: 1_000 }, (_, n) => `[${n}]: https://a.example/${n}`).join("\n\n");
  const uses = Array.from({ length: 1_000 }, (_, n) => `See [${n}].`).join("\n\n");
  expect(cut(`${uses}\n\n${CODE}\n${many}`).blocks.length).toBe(2_001);
});
