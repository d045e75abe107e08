/** Plays a turn for whatever was said, at the pace of a real model. */
import type { Attachment, Settings } from "../src/generated/bindings";
import { GARDEN, HOSTILE, LONG, SHOWCASE } from "./answers";
import { HOME, type MockSession } from "./world";

const run = (command: string) => ({
  tool: "shell_exec",
  arguments: { command },
  accesses: [{ type: "run" as const, command, cwd: `${HOME}/Documents` }],
});

export async function play(
  one: MockSession,
  text: string,
  opId: string,
  settings: Settings,
  attachments: Attachment[] = [],
): Promise<void> {
  one.begin(opId, settings);
  one.user(text, attachments);
  const words = text.toLowerCase();
  if (!one.session.settings.model && !one.world.defaultModel) {
    one.end({
      type: "failed",
      error: {
        code: "no_model",
        message: "no model is chosen and none is installed",
        hint: "fetch one, or set OPENAI_API_KEY",
        retryable: false,
      },
    });
    return;
  }
  await one.pass(500);
  if (/delete|remove|write|run/.test(words)) {
    await one.answer("I will look first, then ask.");
    const ran = await one.call(
      run("find . -name '*.tmp' -delete"),
      { text: "", exitCode: 0, tookMs: 900 },
      { ask: true, lines: ["./a.tmp", "./b.tmp"] },
    );
    if (!one.stopped) await one.answer(ran ? "Done: two files are gone." : "Then nothing was touched.");
  } else if (/fail/.test(words)) {
    await one.call(
      run("make report"),
      { text: "make: *** No rule to make target 'report'.  Stop.\n", exitCode: 2, tookMs: 300 },
      { status: "failed" },
    );
    await one.answer("`make` knows no target called `report`. Is it called something else here?");
  } else if (/broken/.test(words)) {
    one.end({
      type: "failed",
      error: {
        code: "provider",
        message: "the model did not answer for 60 seconds",
        hint: "try again, or choose another model",
        retryable: true,
      },
    });
    return;
  } else if (/index|table|code/.test(words)) await one.answer(SHOWCASE);
  else if (/hostile/.test(words)) await one.answer(HOSTILE);
  else if (/long|process/.test(words)) {
    await one.think("One principle for each of the four things, then an example.", 1400);
    await one.answer(LONG);
  } else await one.answer(GARDEN);
  while (one.steers.length > 0 && !one.stopped) {
    one.steers.shift();
    await one.answer("Understood. That changes the middle bed only: basil goes to the window sill instead.");
  }
  if (/partly/.test(words)) {
    one.spend(900, 120);
    one.end({
      type: "failed",
      error: { code: "provider", message: "openai broke off", hint: "try again", retryable: true },
    });
    return;
  }
  one.spend(1800 + text.length, 240, 1200);
  one.end();
}

/** Sums up what was said: a turn that no words begin. */
export async function summarise(one: MockSession, opId: string): Promise<void> {
  one.begin(opId);
  await one.pass(500);
  one.spend(1400, 90);
  one.end();
}
