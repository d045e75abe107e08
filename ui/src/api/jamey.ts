/** Everything the window can ask of the shell behind it; the shell asks the runtime. */
import type {
  ApiError,
  Attachment,
  Batch,
  ConfigView,
  Connection,
  Excerpt,
  Folder,
  FoundFile,
  Item,
  KeyKept,
  Model,
  MonitorView,
  NewSession,
  Op,
  OpAccepted,
  Page,
  ProvidersPast,
  ProviderTest,
  ProviderView,
  Pull,
  PullView,
  QuickShown,
  SearchPage,
  Session,
  Shell,
  ShellChange,
  Status,
  ToolDescription,
  UsageBy,
  UsageReport,
  Value,
} from "../generated/bindings";

/** Ends what was begun. */
export type Stop = () => void;

export interface Jamey {
  connection(): Promise<Connection>;
  /** Starts or restarts the runtime. */
  mend(): Promise<void>;
  status(): Promise<Status>;
  monitor(hours: number, points: number): Promise<MonitorView>;
  providersPast(hours: number, points: number): Promise<ProvidersPast>;
  providers(): Promise<ProviderView[]>;
  models(): Promise<Model[]>;
  tools(): Promise<ToolDescription[]>;
  sessions(cursor: string | null, limit: number): Promise<Page<Session>>;
  session(id: string): Promise<Session>;
  createSession(request: NewSession): Promise<Session>;
  renameSession(id: string, name: string): Promise<Session>;
  deleteSession(id: string): Promise<void>;
  /** Asks the person for a folder; null when they think better of it. */
  pickFolder(): Promise<Folder | null>;
  items(session: string, cursor: string | null, limit: number): Promise<Page<Item>>;
  search(text: string, limit: number): Promise<SearchPage>;
  submit(session: string, opId: string, op: Op): Promise<OpAccepted>;
  /** Follows one session from the event after `after` on. */
  follow(session: string, after: number, onBatch: (batch: Batch) => void): Promise<Stop>;
  /** Follows the durable events of all sessions. */
  followAll(onBatch: (batch: Batch) => void): Promise<Stop>;
  /** Puts a file beside a session, to be given along with a message. */
  uploadAttachment(session: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Attachment>;
  attachmentBytes(session: string, attachment: string): Promise<ArrayBuffer>;
  /**
   * Files and folders whose paths contain the words, below a session's folder or the one that a token names; the shell
   * says how many at most. Neither stands for where a new session works.
   */
  findFiles(session: string | undefined, folder: string | undefined, words: string): Promise<FoundFile[]>;
  /** What was used in the last days, today included. */
  usage(by: UsageBy, days: number): Promise<UsageReport>;
  giveKey(provider: string, key: string): Promise<KeyKept>;
  removeKey(provider: string): Promise<void>;
  /** Makes the cheapest real call of a provider. */
  testProvider(provider: string): Promise<ProviderTest>;
  config(): Promise<ConfigView>;
  setConfig(key: string, value: Value): Promise<ConfigView>;
  /** Holds everything, or lets it go on. */
  setPaused(paused: boolean): Promise<ConfigView>;
  /** Downloads weights, or listens to the download that runs already. */
  pullModel(name: string, onPull: (pull: Pull) => void): Promise<void>;
  /** The downloads that run, were stopped, or failed. */
  pulls(): Promise<PullView[]>;
  /** Stops a download; what was fetched stays for the next try. */
  cancelPull(name: string): Promise<void>;
  /** Stops a download and removes what was fetched. */
  discardPull(name: string): Promise<void>;
  removeModel(name: string): Promise<void>;
  defaultModel(id: string): Promise<void>;
  shell(): Promise<Shell>;
  setShell(change: ShellChange): Promise<Shell>;
  openLink(url: string): Promise<void>;
  showMain(session: string | null): Promise<void>;
  hideQuick(): Promise<void>;
  /** Makes the quick prompt as tall as its page wants. */
  resizeQuick(height: number): Promise<void>;
  quickToMain(session: string): Promise<void>;
  /** A text that is offered to the quick prompt, once the person chose it. */
  quickText(id: number): Promise<Excerpt>;
  quit(): Promise<void>;
  onConnection(told: (connection: Connection) => void): Promise<Stop>;
  onFocusSession(told: (session: string) => void): Promise<Stop>;
  /** A person could not be notified, since nothing here shows notifications. */
  onNotTold(told: () => void): Promise<Stop>;
  /** Hotkey or tray follow another setting. */
  onShellChanged(told: () => void): Promise<Stop>;
  onQuickShown(told: (shown: QuickShown) => void): Promise<Stop>;
}

/** What was thrown, as the one error shape. */
export function asError(thrown: unknown): ApiError {
  // What the engine throws may have a code too, which is a number.
  if (typeof thrown === "object" && thrown !== null && "message" in thrown && "code" in thrown) {
    if (typeof thrown.code === "string") return thrown as ApiError;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message, hint: null, retryable: false };
}
