/** One followed session: takes batches as they come and shows them once a frame. */
import { asError, jamey, type Stop } from "../api";
import type { ApiError, Attachment, Decision, Event, Op, OpAccepted, Session, Settings } from "../generated/bindings";
import { whenAnswering } from "../state/connection";
import { createStore, type Store } from "../state/store";
import { apply } from "./apply";
import { type Cut, cutOf, fetchBeginning } from "./beginning";
import { nextFrame, soon } from "./frames";
import { newId } from "./ids";
import { emptyView, lastBegun, type SessionView } from "./view";

/** Words that were sent and are not on the page yet. */
export type Pending = {
  opId: string;
  text: string;
  attachments: readonly Attachment[];
  isSteer: boolean;
  /** The runtime gave no answer, so it is not known whether it has them; they are sent again when it is back. */
  isUnanswered: boolean;
};

type Asked = { settings: Settings } & Pick<Pending, "text" | "attachments">;

export type Followed = {
  view: SessionView;
  /** Its newest events when it was opened are here, and can be shown. */
  loaded: boolean;
  /** Its first events are here too; of a long session they come after its end. */
  whole: boolean;
  pending: readonly Pending[];
  error?: ApiError;
};

export class SessionStore {
  readonly state: Store<Followed>;
  private queue: Event[] = [];
  private cancelFrame?: (() => void) | undefined;
  /** What is waited for is the rest of the history, not the next frame. */
  private isPatient = false;
  private stop?: Stop | undefined;
  /** How many were asked for. */
  private streams = 0;
  private closed = false;
  private head = Number.POSITIVE_INFINITY;
  /** Where a long session was cut in two, until both parts are here. */
  private cut?: Cut | undefined;
  /** Ends when the words that were said last have their answer. */
  private lastSaid: Promise<void> = Promise.resolve();

  constructor(readonly id: string) {
    this.state = createStore<Followed>({ view: emptyView(id), loaded: false, whole: false, pending: [] });
  }

  /** Begins to follow, or goes on where it was. */
  async open(): Promise<void> {
    this.closed = false;
    const { seq } = this.state.get().view;
    try {
      const session = await jamey().session(this.id);
      this.head = session.head;
      this.state.update(({ error: _, ...now }) => {
        // What was taken for deleted and is there after all is read anew: what went on in it was cleared away. So is
        // what ends before what was seen of it: the runtime came back from a backup.
        const isKept = now.whole && !now.view.gone && session.head >= seq;
        const view = isKept ? now.view : this.begin(session);
        return { ...now, loaded: isKept, whole: isKept, view: { ...view, session: view.session ?? session } };
      });
      await this.follow();
      this.schedule();
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** Hears what is told to who follows all sessions alone. */
  hear(event: Event): void {
    this.queue.push(event);
    this.schedule();
  }

  close(): void {
    this.closed = true;
    this.stop?.();
    this.stop = undefined;
    this.cancelFrame?.();
    this.cancelFrame = undefined;
    this.queue = [];
    this.cut?.stop();
  }

  /** The empty view to start from: where a long session was cut, so that its end is shown at once. */
  private begin(session: Session): SessionView {
    this.cut?.stop();
    this.cut = cutOf(session);
    this.queue = [];
    return this.cut ? { ...emptyView(this.id), seq: this.cut.seq } : emptyView(this.id);
  }

  private async follow(): Promise<void> {
    this.stop?.();
    this.stop = undefined;
    // Whoever asks twice gets the newer stream alone.
    const mine = ++this.streams;
    const isOld = () => this.closed || mine !== this.streams;
    const stop = await jamey().follow(this.id, this.state.get().view.seq, (batch) => {
      for (const event of batch.events) this.queue.push(event);
      this.schedule();
      const { error } = batch;
      if (error && !isOld()) this.fail(error);
    });
    if (isOld()) stop();
    else this.stop = stop;
  }

  private schedule(): void {
    if (this.closed || (this.cancelFrame && !this.isPatient)) return;
    // A long history comes in many pieces; drawing each would take longer than waiting for the newest.
    const newest = this.queue.findLast((event) => typeof event.seq === "number")?.seq ?? 0;
    const isPatient = !this.state.get().loaded && newest < this.head;
    if (this.cancelFrame && isPatient) return;
    this.cancelFrame?.();
    this.isPatient = isPatient;
    this.cancelFrame = (isPatient ? soon : nextFrame)(() => {
      this.cancelFrame = undefined;
      this.flush();
    });
  }

  private flush(): void {
    const events = this.queue;
    this.queue = [];
    const before = this.state.get();
    const view = events.length > 0 ? apply(before.view, events) : before.view;
    for (const event of events) this.cut?.end.push(event);
    const loaded = before.loaded || view.seq >= this.head;
    const whole = loaded && !this.cut;
    this.state.set({ ...before, view, loaded, whole, pending: stillPending(before, view) });
    this.mend(view);
    if (loaded && !before.loaded && this.cut) this.join(this.cut);
  }

  /** Puts the beginning before the end, once that is on the page. */
  private join(cut: Cut): void {
    const done = (beginning: SessionView) => {
      if (this.closed || this.cut !== cut) return;
      this.cut = undefined;
      const view = apply(beginning, cut.end);
      this.state.update((now) => ({ ...now, view, whole: true }));
      this.mend(view);
    };
    const failed = (thrown: unknown) => {
      if (this.cut === cut && !this.closed) this.fail(thrown);
    };
    nextFrame(() => void fetchBeginning(cut, done, failed).catch(failed));
  }

  /** Asks again for what is missing. */
  private mend(view: SessionView): void {
    if (view.gap) void this.follow().catch((thrown) => this.fail(thrown));
  }

  private fail(thrown: unknown): void {
    const error = asError(thrown);
    this.state.update((now) => ({ ...now, error }));
    // It was deleted while nobody listened.
    if (error.code === "not_found") {
      this.hear({ session: this.id, at: Date.now(), body: { type: "sessionDeleted" } });
    }
  }

  /**
   * Says something: begins a turn, or steers the one that runs. What the page has seen may be a moment old: when a turn
   * ended or began since, the other way is tried once. As long as the runtime gives no answer at all they stay on their
   * way. Throws what it said against them.
   */
  say(text: string, settings: Settings = {}, attachments: readonly Attachment[] = []): Promise<void> {
    const said = this.sayAfter(this.lastSaid, { text, settings, attachments });
    this.lastSaid = said.catch(() => {});
    return said;
  }

  /** In the order in which they were said, also when several wait for a runtime that comes back. */
  private async sayAfter(earlier: Promise<void>, asked: Asked): Promise<void> {
    const isSteer = this.state.get().view.turn !== undefined;
    try {
      await this.send(isSteer, asked, earlier);
    } catch (thrown) {
      const error = asError(thrown);
      // A turn that runs has its model and mode; words for another one are no part of it.
      const isOther = error.code === "conflict" && (isSteer || Object.keys(asked.settings).length === 0);
      if (!isOther) throw error;
      await this.send(!isSteer, asked, earlier).catch((second) => {
        throw asError(second);
      });
    }
  }

  private async send(isSteer: boolean, asked: Asked, earlier: Promise<void>) {
    const { text, attachments, settings } = asked;
    const opId = newId();
    const one: Pending = { opId, text, attachments, isSteer, isUnanswered: false };
    this.state.update((now) => ({ ...now, pending: [...now.pending, one] }));
    const files = attachments.length > 0 ? { attachments: attachments.map((one) => one.id) } : {};
    try {
      await earlier;
      await this.surely(
        isSteer ? { type: "steer", text, ...files } : { type: "start_turn", text, ...files, settings },
        opId,
      );
    } catch (thrown) {
      this.state.update((now) => ({ ...now, pending: now.pending.filter((one) => one.opId !== opId) }));
      throw thrown;
    }
  }

  /** Submits until there is an answer. Each time it is the same op: the runtime takes it once. */
  private async surely(op: Op, opId: string): Promise<OpAccepted> {
    for (;;) {
      try {
        return await this.submit(op, opId);
      } catch (thrown) {
        // One that ends has not taken it; another comes.
        if (!["unreachable", "shutting_down"].includes(asError(thrown).code)) throw thrown;
      }
      this.state.update((now) => ({
        ...now,
        pending: now.pending.map((one) => (one.opId === opId ? { ...one, isUnanswered: true } : one)),
      }));
      await whenAnswering();
    }
  }

  /** Begins again what began the last turn, its words with another model if one is named. */
  async again(model?: string): Promise<void> {
    const begun = lastBegun(this.state.get().view);
    if (begun?.type === "words") await this.say(begun.text, model ? { model } : {}, begun.attachments);
    else if (begun) await this.compact();
  }

  decide(approvalId: string, decision: Decision): Promise<OpAccepted> {
    return this.submit({ type: "decide", approvalId, decision });
  }

  interrupt(): Promise<OpAccepted> {
    return this.submit({ type: "interrupt" });
  }

  compact(): Promise<OpAccepted> {
    return this.submit({ type: "compact" });
  }

  configure(settings: Settings): Promise<OpAccepted> {
    return this.submit({ type: "configure", settings });
  }

  private submit(op: Op, opId = newId()): Promise<OpAccepted> {
    return jamey().submit(this.id, opId, op);
  }
}

/** Drops the words that are on the page by now. */
function stillPending(before: Followed, view: SessionView): readonly Pending[] {
  if (before.pending.length === 0 || view === before.view) return before.pending;
  const added = view.entries.slice(before.view.entries.length);
  const said = added.flatMap((entry) =>
    entry.kind === "item" && entry.item.body.type === "userMessage" ? [entry.item.body.text] : [],
  );
  return before.pending.filter((one) => {
    const place = said.indexOf(one.text);
    if (place >= 0) said.splice(place, 1);
    return place < 0;
  });
}
