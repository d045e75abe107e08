/** Sessions that are there when the window opens, one for each state of the page. */
import { BUILD_FIXED, DIAGRAMS, GARDEN, HOSTILE, LONG, SHOWCASE } from "./answers";
import { CLOUD, HOME, LOCAL, type MockSession, type World } from "./world";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CODE = `${HOME}/code/jamey`;

const read = (path: string) => ({
  tool: "file_read",
  arguments: { path },
  accesses: [{ type: "read" as const, path: `${CODE}/${path}` }],
});
const run = (command: string, cwd = CODE) => ({
  tool: "shell_exec",
  arguments: { command },
  accesses: [{ type: "run" as const, command, cwd }],
});

async function build(one: MockSession): Promise<void> {
  one.begin();
  one.user("Why does the build fail? Please fix it.");
  await one.think(
    "The person wants the build fixed. First see what the compiler says, then read the place it names, and change as little as possible.",
    2600,
  );
  await one.call(
    run("cargo build --release 2>&1 | tail -n 20"),
    {
      text: "error[E0061]: this function takes 3 arguments but 2 arguments were supplied\n  --> src/turn/begin.rs:41:27\n   |\n41 |         let settings = self.settings.overlaid(&request.settings);\n   |                           ^^^^^^^^ argument #3 is missing\n\nerror: could not compile `jamey-engine` (lib) due to 1 previous error\n",
      exitCode: 101,
      tookMs: 8400,
    },
    { status: "failed" },
  );
  await one.call(read("src/turn/begin.rs"), {
    text: "(212 lines, these are 36 to 48)\n    fn begin(&mut self, request: Request) -> Result<Turn, ApiError> {\n        self.require_idle()?;\n        // The session's own wishes first, then those of this turn.\n        let settings = self.settings.overlaid(&request.settings);\n        Ok(Turn::new(settings))\n    }\n",
    tookMs: 12,
  });
  await one.call(
    {
      tool: "file_write",
      arguments: {
        path: "src/turn/begin.rs",
        mode: "replace",
        old: "        // The session's own wishes first, then those of this turn.\n        let settings = self.settings.overlaid(&request.settings);\n        Ok(Turn::new(settings))",
        new: "        // The session's own wishes first, then those of this turn.\n        let settings = self.settings.overlaid(&request.settings, self.wall);\n        Ok(Turn::new(settings))",
      },
      accesses: [{ type: "write", path: `${CODE}/src/turn/begin.rs` }],
    },
    { text: "OK: replaced …", tookMs: 9 },
  );
  await one.call(run("cargo test --release -p jamey-engine"), {
    text: "running 214 tests\n....................................\ntest result: ok. 214 passed; 0 failed; 0 ignored\n",
    exitCode: 0,
    tookMs: 14_200,
  });
  await one.call(
    {
      tool: "search_files",
      arguments: { query: "overlaid(", path: "." },
      accesses: [{ type: "read", path: CODE }],
    },
    {
      text: "3 matches:\nsrc/turn/begin.rs:41: let settings = self.settings.overlaid(&request.settings, self.wall);\nsrc/session/fold.rs:88: self.settings = self.settings.overlaid(settings, None);\nsrc/session/mod.rs:19: pub fn overlaid(&self, over: &Self, wall: Option<Duration>) -> Self {",
      tookMs: 31,
    },
  );
  await one.answer(BUILD_FIXED);
  one.spend(18_240, 712, 14_080, 96);
  one.end();
}

async function machine(one: MockSession): Promise<void> {
  one.begin();
  one.user("How full is this computer?");
  await one.call(
    { tool: "system_info", arguments: {}, accesses: [{ type: "system" }] },
    {
      text: "Date and time: Thursday 2026-11-26 16:20 (UTC+01:00)\nOS: Linux (Debian GNU/Linux 12)\nHost name: pine\nCPU cores: 8\nMemory: 31.2 GB total, 18.4 GB free\nDisk: 466 GB total, 121 GB free",
      tookMs: 18,
    },
  );
  await one.call(
    {
      tool: "weather_of",
      arguments: { city: "Lisbon", days: 2 },
      accesses: [],
    },
    {
      text: '[{"day":"Friday","high":17,"low":11,"rain":"20 %"},{"day":"Saturday","high":19,"low":12,"rain":"0 %"}]',
      tookMs: 640,
    },
  );
  await one.call(
    { tool: "issue_show", arguments: { number: 4 }, accesses: [] },
    { text: '{"number":4,"title":"The desktop","labels":["ui","shell"],"open":true,"votes":12}', tookMs: 90 },
  );
  await one.answer(
    "The disk is 74 % full (121 of 466 GB are free), and 18 of 31 GB of memory are free. Nothing to worry about.",
  );
  one.spend(3120, 48, 2900);
  one.end();
}

async function approval(one: MockSession): Promise<void> {
  one.begin();
  one.user("Clean up the old build folders, they take too much room.");
  await one.call(run("du -sh */target | sort -h", `${HOME}/code`), {
    text: "1.2G\tnotes/target\n4.8G\tpine/target\n11G\tjamey/target\n",
    exitCode: 0,
    tookMs: 2200,
  });
  await one.answer(
    "Three folders hold 17 GB of build output. All of it can be built again, so I would remove the three.",
  );
  one.spend(4210, 88, 3900);
  void one
    .call(
      run("rm -rf jamey/target pine/target notes/target", `${HOME}/code`),
      { text: "", exitCode: 0, tookMs: 1800 },
      { ask: true },
    )
    .then(async (ran) => {
      delete one.clock;
      if (ran) await one.answer("Done: 17 GB are free again.");
      else await one.answer("Then they stay as they are.");
      one.end();
    });
}

async function edit(one: MockSession): Promise<void> {
  one.begin();
  one.user("Set the reminder to eight in the morning.");
  void one
    .call(
      {
        tool: "file_write",
        arguments: {
          path: "reminders.toml",
          mode: "replace",
          old: '[water-plants]\nat = "19:00"\ndays = ["mon", "thu"]',
          new: '[water-plants]\nat = "08:00"\ndays = ["mon", "thu", "sat"]',
        },
        accesses: [{ type: "write", path: `${HOME}/Documents/reminders.toml` }],
      },
      { text: "OK: replaced …", tookMs: 4 },
      { ask: true },
    )
    .then(async () => {
      delete one.clock;
      await one.answer("The plants are watered at eight from now on.");
      one.end();
    });
}

/** One of five thousand items. */
async function long(one: MockSession, items: number): Promise<void> {
  for (let n = 0; n < items / 4; n++) {
    one.begin();
    one.user(`Question ${n + 1}: what does part ${n + 1} of the report say?`);
    await one.call(read(`report/part-${n + 1}.md`), {
      text: `(1 line)\nPart ${n + 1} has ${n % 9} findings.`,
      tookMs: 5,
    });
    await one.answer(
      `Part ${n + 1} has **${n % 9} findings**. ${"It says what was seen, when, and by whom. ".repeat((n % 5) + 1)}`,
    );
    await one.answer(n % 3 === 0 ? `\`\`\`json\n{"part": ${n + 1}, "findings": ${n % 9}}\n\`\`\`` : "That is all.");
    one.spend(900, 40);
    one.end();
  }
}

const TITLES: [string, number, string][] = [
  ["Translate the letter to the landlord", 5 * HOUR, `${HOME}/Documents`],
  ["Rename the holiday photos by date", DAY + 2 * HOUR, `${HOME}/Pictures/2026`],
  ["A recipe with chickpeas and spinach", DAY + 4 * HOUR, `${HOME}/Documents`],
  ["Explain this stack trace", 2 * DAY + HOUR, `${HOME}/code/pine`],
  ["Notes for the Lisbon trip", 3 * DAY, `${HOME}/Documents/lisbon`],
  ["Regex for ISO dates with an optional zone", 5 * DAY, `${HOME}/code/pine`],
  ["Compare the three offers for the roof", 9 * DAY, `${HOME}/Documents/house`],
  ["Minutes of the October meeting", 24 * DAY, `${HOME}/Documents/club`],
  ["A birthday poem for Grace", 41 * DAY, `${HOME}/Documents`],
];

/** Fills a world; the names are used by tests and pictures. */
export async function fill(world: World, wanted: string): Promise<void> {
  for (const [title, ago, cwd] of TITLES) {
    const one = world.add(title, ago, { cwd });
    one.begin();
    one.user(title);
    await one.answer(GARDEN);
    one.spend(400, 120);
    one.end();
  }
  const drawn = world.add(null, 8 * HOUR, { cwd: CODE });
  drawn.begin();
  drawn.user("Draw how a turn goes.");
  await drawn.answer(DIAGRAMS);
  drawn.spend(900, 310);
  drawn.end();
  const garden = world.add(null, 3 * HOUR, { name: "Garden" });
  garden.begin();
  garden.user("I have three beds of two by one metre. What should go where?");
  await garden.answer(GARDEN);
  garden.spend(1204, 166);
  garden.end();
  garden.begin();
  garden.user("Thank you!");
  await garden.answer("You are welcome. Good luck with the beans.");
  garden.spend(1410, 14);
  garden.end();

  await machine(world.add(null, 2 * HOUR + 9 * MINUTE, { cwd: HOME }));
  const failing = world.add(null, 100 * MINUTE, { settings: { model: CLOUD } });
  failing.begin();
  failing.user("Summarise the report in five sentences.");
  failing.emit({ type: "notice", level: "warn", text: "openai answered 429; asked again after 7 seconds" });
  failing.end({
    type: "failed",
    error: {
      code: "auth",
      message: "openai refused the key (401)",
      hint: "put a valid OPENAI_API_KEY into /home/ada/.config/jamey-code/.env",
      retryable: false,
    },
  });
  const cut = world.add(null, 95 * MINUTE, { cwd: CODE });
  cut.begin();
  cut.user("What should a resident process take care of?");
  cut.stopped = true;
  cut.clock = (cut.clock ?? 0) + 4000;
  cut.emit({
    type: "itemCompleted",
    item: {
      id: `cut-${cut.session.id}`,
      turn: cut.turn ?? "",
      step: 1,
      at: cut.now(),
      body: { type: "agentMessage", text: LONG.slice(0, 520), model: LOCAL, partial: true },
    },
  });
  cut.end({ type: "interrupted", reason: "the runtime ended while it ran" });

  await edit(world.add(null, 50 * MINUTE));
  await approval(world.add(null, 40 * MINUTE, { cwd: `${HOME}/code` }));
  await build(world.add(null, 30 * MINUTE, { cwd: CODE, settings: { mode: "auto-edit" } }));
  const index = world.add(null, 12 * MINUTE, { cwd: CODE });
  index.begin();
  index.user("Which index does the events table need? Show the numbers.");
  await index.think("Compare the plans before and after; keep it short.", 900);
  await index.answer(SHOWCASE);
  index.spend(6240, 512, 5100, 60);
  index.end();

  if (wanted === "hostile") {
    const one = world.add(null, MINUTE, { name: "Hostile" });
    one.begin();
    one.user("<b>bold?</b> \u202e![x](https://evil.example/user.png)");
    await one.call(run("echo \u001b[2J \u202etxt.exe", HOME), {
      text: `<img src=x onerror="window.pwned=20">\u001b]52;c;ZXZpbA==\u0007 \u202eabc`,
      exitCode: 0,
      tookMs: 4,
    });
    await one.answer(HOSTILE);
    one.end();
  }
  if (wanted === "long") await long(world.add(null, MINUTE, { name: "A very long session" }), 5000);
  if (wanted === "running") {
    const one = world.add(null, 20_000, { cwd: CODE });
    one.begin();
    one.user("Run all the tests and tell me how it went.");
    await one.call(run("cargo xtask test"), undefined, {
      lines: Array.from({ length: 30 }, (_, n) => `test suite ${n + 1} of 64 … ok (${(n * 7) % 13}.${n % 10} s)`),
    });
  }
  if (wanted === "streaming") {
    const one = world.add(null, 9_000, { cwd: CODE });
    one.begin();
    one.user("What should a resident process take care of?");
    await one.think("A principle for each of the four things, with one example.", 3100);
    one.leaveOpen(LONG.slice(0, 905));
  }
  for (const one of world.sessions.values()) delete one.clock;
}
