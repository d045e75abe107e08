/** The scripted runtime's memory: sessions with their logs, and who follows them. */
import type {
  ApiError,
  Approval,
  Attachment,
  Batch,
  Decision,
  Event,
  EventBody,
  Item,
  ItemBody,
  Session,
  Settings,
  ToolCall,
  ToolOutput,
  Usage,
} from "../src/generated/bindings";
import { byteLength } from "../src/session/bytes";
import { newId } from "../src/session/ids";
import { Shelf } from "./files";

type Told = (batch: Batch) => void;

export const HOME = "/home/ada";
export const LOCAL = "local/qwen2.5-coder-1.5b";
export const CLOUD = "openai/gpt-5-mini";

/** One session of the scripted runtime. */
export class MockSession {
  readonly log: Event[] = [];
  readonly followers = new Set<Told>();
  /** What is open so far, for whoever attaches in the middle. */
  readonly open = new Map<string, { item: Item; text: string; output: string }>();
  readonly questions = new Map<string, (decision: Decision) => void>();
  /** Ops that were taken; the same one again does nothing. */
  readonly taken = new Set<string>();
  steers: string[] = [];
  stopped = false;
  turn: string | undefined;
  /** What holds for the turn. */
  private settings: Settings = {};
  private step = 0;
  usage: Usage = { input: 0, cached: 0, output: 0, reasoning: 0 };

  constructor(
    readonly world: World,
    readonly session: Session,
    /** The clock of a told history; undefined means now. */
    public clock?: number,
  ) {
    this.emit({ type: "sessionUpdated", session: { ...session } });
  }

  now(): number {
    return this.clock ?? Date.now();
  }

  /** A told history moves on; a played one waits. */
  async pass(ms: number): Promise<void> {
    if (this.clock !== undefined) this.clock += ms;
    else await new Promise((done) => setTimeout(done, ms / this.world.speed));
  }

  emit(body: EventBody): void {
    const kept = body.type !== "itemDelta";
    const seq = kept ? this.session.head + 1 : undefined;
    if (seq !== undefined) this.session.head = seq;
    if (kept) this.session.updatedAt = this.now();
    const event: Event = {
      session: this.session.id,
      at: this.now(),
      ...(seq === undefined ? {} : { seq }),
      ...(this.turn ? { turn: this.turn } : {}),
      body,
    };
    if (kept) this.log.push(event);
    for (const tell of this.followers) tell({ events: [event] });
    if (kept) this.world.tellAll(event);
  }

  begin(opId = newId(), settings: Settings = {}): void {
    this.turn = newId();
    this.step = 0;
    this.stopped = false;
    this.usage = { input: 0, cached: 0, output: 0, reasoning: 0 };
    this.session.status = "running";
    this.settings = { mode: "ask", model: this.world.defaultModel ?? LOCAL, ...this.session.settings, ...settings };
    this.emit({ type: "turnStarted", opId, settings: this.settings });
  }

  private item(body: ItemBody): Item {
    return { id: newId(this.now()), turn: this.turn ?? "", step: this.step, at: this.now(), body };
  }

  user(text: string, attachments: Attachment[] = []): void {
    this.emit({
      type: "itemCompleted",
      item: this.item({ type: "userMessage", text, ...(attachments.length > 0 ? { attachments } : {}) }),
    });
    if (!this.session.title) {
      this.session.title = (text || attachments[0]?.name || "").split("\n")[0]!.slice(0, 80);
      this.emit({ type: "sessionUpdated", session: { ...this.session } });
    }
    this.step++;
  }

  private start(item: Item): void {
    this.open.set(item.id, { item, text: "", output: "" });
    this.emit({ type: "itemStarted", item });
  }

  private grow(item: Item, type: "text" | "output", text: string): void {
    const open = this.open.get(item.id);
    if (!open) return;
    const offset = byteLength(type === "text" ? open.text : open.output);
    if (type === "text") open.text += text;
    else open.output += text;
    this.emit({ type: "itemDelta", itemId: item.id, delta: { type, offset, text } });
  }

  private finish(item: Item, body: ItemBody): void {
    this.open.delete(item.id);
    this.emit({ type: "itemCompleted", item: { ...item, body } });
  }

  private async stream(
    body: Extract<ItemBody, { type: "agentMessage" | "reasoning" }>,
    text: string,
    pace: number,
  ): Promise<boolean> {
    const item = this.item({ ...body, text: "" });
    this.start(item);
    let said = "";
    if (this.clock !== undefined) {
      this.clock += text.length * 3;
      said = text;
    } else {
      for (const piece of text.match(/\s*\S{1,12}/g) ?? []) {
        if (this.stopped) break;
        said += piece;
        this.grow(item, "text", piece);
        await this.pass(pace);
      }
    }
    const partial = this.stopped && said !== text;
    const whole = body.type === "agentMessage" ? { ...body, text: said, partial } : { ...body, text: said };
    this.finish(item, whole);
    return !partial;
  }

  async think(text: string, ms = 0): Promise<void> {
    if (this.stopped) return;
    await this.pass(ms);
    await this.stream({ type: "reasoning", text, model: this.model() }, text, 18);
  }

  async answer(text: string, pace = 24): Promise<boolean> {
    if (this.stopped) return false;
    return this.stream({ type: "agentMessage", text, model: this.model(), partial: false }, text, pace);
  }

  /** Begins an answer and leaves it open. */
  leaveOpen(text: string): void {
    const item = this.item({ type: "agentMessage", text: "", model: this.model(), partial: false });
    this.start(item);
    this.grow(item, "text", text);
  }

  /** A call that runs, printing `lines` on the way; `last` undefined leaves it running. */
  async call(
    call: Pick<ToolCall, "tool" | "arguments" | "accesses">,
    result: (Partial<ToolOutput> & { text: string }) | undefined,
    how: { status?: ToolCall["status"]; lines?: string[]; ask?: boolean; pace?: number } = {},
  ): Promise<boolean> {
    if (this.stopped) return false;
    const base: ToolCall = { ...call, callId: newId(this.now()), status: how.ask ? "waiting" : "running" };
    const item = this.item({ type: "toolCall", call: base });
    this.start(item);
    if (how.ask) {
      const approval: Approval = {
        id: newId(),
        callId: base.callId,
        itemId: item.id,
        question: "May it?",
        accesses: call.accesses ?? [],
        choices: ["allow-once", "allow-for-session", "allow-always", "deny"],
      };
      this.session.status = "waiting";
      this.emit({ type: "approvalRequested", approval });
      const decision = await new Promise<Decision>((decide) => this.questions.set(approval.id, decide));
      this.questions.delete(approval.id);
      this.session.status = "running";
      if (!this.stopped) this.emit({ type: "approvalResolved", approvalId: approval.id, decision });
      if (decision.type === "deny") {
        const output: ToolOutput = { text: "The person said no.", omittedBytes: 0, tookMs: 0 };
        const status = this.stopped ? "cancelled" : "denied";
        this.finish(item, { type: "toolCall", call: { ...base, status, output } });
        return false;
      }
    }
    const began = this.now();
    for (const line of how.lines ?? []) {
      if (this.stopped) break;
      this.grow(item, "output", `${line}\n`);
      await this.pass(how.pace ?? 120);
    }
    if (!result) return false;
    await this.pass(result.tookMs ?? 40);
    const output: ToolOutput = { omittedBytes: 0, tookMs: this.now() - began, ...result };
    const status = this.stopped ? "cancelled" : (how.status ?? "succeeded");
    this.finish(item, { type: "toolCall", call: { ...base, status, output } });
    this.step++;
    return !this.stopped;
  }

  spend(input: number, output: number, cached = 0, reasoning = 0): void {
    this.usage = {
      input: this.usage.input + input,
      output: this.usage.output + output,
      cached: (this.usage.cached ?? 0) + cached,
      reasoning: (this.usage.reasoning ?? 0) + reasoning,
    };
    this.emit({ type: "usageUpdated", usage: this.usage });
  }

  end(outcome?: Extract<EventBody, { type: "turnEnded" }>["outcome"]): void {
    this.session.status = "idle";
    const stopped = { type: "interrupted" as const, reason: "you stopped it" };
    this.emit({ type: "turnEnded", outcome: outcome ?? (this.stopped ? stopped : { type: "completed" }) });
    this.turn = undefined;
  }

  model(): string {
    return this.settings.model ?? LOCAL;
  }

  follow(after: number, told: Told): () => void {
    const events = this.log.filter((event) => (event.seq ?? 0) > after);
    for (const { item, text, output } of this.open.values()) {
      const at = this.now();
      const grown = (type: "text" | "output", said: string): Event => ({
        session: this.session.id,
        at,
        body: { type: "itemDelta", itemId: item.id, delta: { type, offset: 0, text: said } },
      });
      if (text) events.push(grown("text", text));
      if (output) events.push(grown("output", output));
    }
    for (let at = 0; at < events.length; at += 2000) told({ events: events.slice(at, at + 2000) });
    this.followers.add(told);
    return () => this.followers.delete(told);
  }
}

export class World {
  readonly sessions = new Map<string, MockSession>();
  readonly all = new Set<Told>();
  readonly shelf = new Shelf();
  speed = 1;
  defaultModel: string | undefined = CLOUD;

  /** Ends the streams of a session for good. */
  breakOff(id: string, error: ApiError): void {
    const { followers } = this.sessions.get(id) ?? {};
    for (const tell of followers ?? []) tell({ events: [], error } as Batch);
    followers?.clear();
  }

  tellAll(event: Event): void {
    for (const tell of this.all) tell({ events: [event] });
  }

  tellPaused(paused: boolean): void {
    this.tellAll({
      session: "00000000-0000-0000-0000-000000000000",
      at: Date.now(),
      body: { type: "configChanged", paused },
    });
  }

  add(title: string | null, agoMs: number, more: Partial<Session> = {}): MockSession {
    const at = Date.now() - agoMs;
    const session: Session = {
      id: newId(at),
      ...(title === null ? {} : { title }),
      cwd: `${HOME}/Documents`,
      settings: {},
      status: "idle",
      createdAt: at,
      updatedAt: at,
      head: 0,
      ...more,
    };
    const one = new MockSession(this, session, at);
    this.sessions.set(session.id, one);
    return one;
  }
}
