/**
 * A server that is added or changed: its name, where it is, what it speaks, and its key. The key is never part of what
 * is drawn: it is read once, when it is sent.
 */
import { type ReactNode, type SubmitEvent, useEffect, useId, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { KeyKept } from "../generated/bindings";
import { Select, Switch } from "../parts/buttons";
import { sayError } from "../state/toasts";
import { failure, type Outcome } from "../state/wishes";
import { useText } from "../text";
import { Said } from "./fields";
import { isUnencrypted, KINDS, type Kind, nameTrouble, type Server, save } from "./servers";

/** What an address looks like there. */
const LIKE: Record<Kind, string> = {
  "openai-compatible": "http://127.0.0.1:8080/v1",
  openai: "https://api.openai.com/v1",
  "openai-responses": "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
  gemini: "https://generativelanguage.googleapis.com",
  azure: "https://NAME.openai.azure.com",
  ollama: "http://127.0.0.1:11434",
};

type Failed = { at: "name" | "address"; message: string };

export function ServerForm(props: {
  /** As it is; absent for one that is added. */
  before?: Server;
  taken: readonly string[];
  /** Told when the runtime has it. Of its key, where one was given: that it is kept, or that it was refused. */
  saved: (name: string, key?: KeyKept | "refused") => void;
  cancel: () => void;
}) {
  const t = useText();
  const { before } = props;
  const [name, setName] = useState(before?.name ?? "");
  const [kind, setKind] = useState(before?.kind ?? KINDS[0]);
  const [address, setAddress] = useState(before?.address ?? "");
  const [allows, setAllows] = useState(before?.plain ?? false);
  const [isSaving, setSaving] = useState(false);
  const [failed, setFailed] = useState<Failed>();
  const form = useRef<HTMLFormElement>(null);
  const key = useRef<HTMLInputElement>(null);
  const said = useId();
  const focus = (field: string) => form.current?.querySelector<HTMLElement>(`[name="${field}"]`)?.focus();
  const isOpen = isUnencrypted(address);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(() => focus(before ? "address" : "name"), []);

  const refuse = (at: Failed["at"], message: string) => {
    setFailed({ at, message });
    focus(at);
  };
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isSaving) return;
    const trouble = before ? undefined : nameTrouble(name.trim(), props.taken);
    if (trouble) return refuse("name", t.servers.nameTrouble[trouble]);
    if (address.trim() === "") return refuse("address", t.servers.noAddress(LIKE[kind as Kind]));
    const server = { name: name.trim(), kind, address: address.trim(), plain: isOpen && allows };
    setSaving(true);
    setFailed(undefined);
    try {
      await save(server, before);
    } catch (thrown) {
      setSaving(false);
      // The switch above says what the hint would: how it may be asked all the same.
      const why = isOpen && !allows ? asError(thrown).message : failure(thrown);
      return refuse("address", `${t.settings.notSaved}: ${why}`);
    }
    props.saved(server.name, await give(server.name));
  };
  /** A key that is refused takes nothing back: the server is there, and asks for it again. */
  const give = async (server: string): Promise<KeyKept | "refused" | undefined> => {
    const text = key.current?.value.trim();
    if (!key.current || !text) return undefined;
    try {
      return await jamey().giveKey(server, text);
    } catch (thrown) {
      sayError(t.keys.notKept, asError(thrown));
      return "refused";
    } finally {
      if (key.current) key.current.value = "";
    }
  };
  const wrong = (at: Failed["at"]) =>
    failed?.at === at ? { "aria-invalid": true, "aria-errormessage": said, "aria-describedby": said } : {};

  return (
    <form
      ref={form}
      className="server-form"
      aria-label={before ? t.servers.changeTitle(before.name) : t.servers.add}
      onSubmit={(event) => void send(event)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || isSaving) return;
        event.stopPropagation();
        props.cancel();
      }}
    >
      {!before && (
        <Row label={t.servers.name} about={t.servers.nameAbout}>
          {(id) => (
            <input
              id={id}
              name="name"
              className="field"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              maxLength={60}
              placeholder="home-server"
              value={name}
              {...wrong("name")}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Row>
      )}
      <Row label={t.servers.address} about={t.servers.addressAbout}>
        {(id) => (
          <input
            id={id}
            name="address"
            className="field"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            inputMode="url"
            placeholder={LIKE[kind as Kind] ?? ""}
            value={address}
            {...wrong("address")}
            onChange={(event) => setAddress(event.target.value)}
          />
        )}
      </Row>
      {isOpen && <Plain on={allows} set={setAllows} />}
      <Row label={t.servers.kind} about={t.servers.kindAbout}>
        {(id) => (
          <Select id={id} value={kind} onChange={(event) => setKind(event.target.value)}>
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {t.servers.kinds[one]}
              </option>
            ))}
          </Select>
        )}
      </Row>
      {!before && (
        <Row label={t.servers.key} about={t.keys.note}>
          {(id) => (
            <input
              ref={key}
              id={id}
              className="field"
              type="password"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              placeholder={t.servers.noKey}
            />
          )}
        </Row>
      )}
      <p id={said} role="alert" className="setting-failed">
        {failed?.message}
      </p>
      <div className="server-actions">
        <button type="submit" className="button accent" disabled={isSaving}>
          {isSaving && <span className="spinner" />}
          {before ? t.servers.keep : t.servers.add}
        </button>
        <button type="button" className="button plain" disabled={isSaving} onClick={props.cancel}>
          {t.app.cancel}
        </button>
      </div>
    </form>
  );
}

function Row(props: { label: string; about: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="server-row">
      <label htmlFor={id}>{props.label}</label>
      <div>
        {props.children(id)}
        <p className="key-note">{props.about}</p>
      </div>
    </div>
  );
}

/** Asked where http leaves this machine. */
export function Plain({
  on,
  set,
  outcome,
}: {
  on: boolean;
  set: (on: boolean) => void;
  outcome?: Outcome | undefined;
}) {
  const t = useText();
  const about = useId();
  return (
    // The field above keeps the focus: what is said of it when it loses it would move the switch from under the press.
    // biome-ignore lint/a11y/noStaticElementInteractions: nothing is done here, only not done
    <div className="server-plain" onMouseDown={(event) => event.preventDefault()}>
      <Switch on={on} label={t.servers.plain} describedBy={about} onChange={set} />
      <div>
        <span className="setting-name">{t.servers.plain}</span>
        <p id={about} className="key-note">
          {t.servers.plainAbout}
        </p>
        <Said outcome={outcome} />
      </div>
    </div>
  );
}
