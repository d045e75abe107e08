/** Servers under names of the person's own: what there is, one more, another address, and one less. */
import { useRef, useState } from "react";
import { jamey } from "../api";
import type { KeyKept, ProviderView } from "../generated/bindings";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/icons";
import { againWhoAnswers, config, providers } from "../state/asked";
import { useStore } from "../state/store";
import { failure } from "../state/wishes";
import { useText } from "../text";
import { Group } from "./fields";
import { Provider } from "./Provider";
import { ServerForm } from "./ServerForm";
import { forget, type Server, serversOf } from "./servers";

/** A server that was just added, and what came of its key. */
type Added = { name: string; key?: KeyKept | "refused" };

export function Servers() {
  const t = useText();
  const servers = serversOf(useStore(config.store).value?.values);
  const known = useStore(providers.store).value ?? [];
  // One that is being added has no card before it is whole.
  const [form, setForm] = useState<{ beside: readonly string[] } | Server>();
  const [added, setAdded] = useState<Added>();
  const [asks, setAsks] = useState<Server>();
  const group = useRef<HTMLDivElement>(null);
  const isNew = form !== undefined && "beside" in form;
  const shown = isNew ? servers.filter((server) => form.beside.includes(server.name)) : servers;

  const focus = (button: string) =>
    requestAnimationFrame(() => group.current?.querySelector<HTMLElement>(`[data-button="${button}"]`)?.focus());
  const open = (next: typeof form) => {
    setForm(next);
    // Its card comes back without the form, and is not tried again for that.
    setAdded(undefined);
  };
  const close = (button: string) => {
    setForm(undefined);
    focus(button);
  };
  const saved = (name: string, key?: KeyKept | "refused") => {
    setAdded({ name, ...(key ? { key } : {}) });
    setForm(undefined);
    void againWhoAnswers();
    if (key !== "refused") focus(`more ${name}`);
  };
  return (
    <Group title={t.servers.title} about={t.servers.about}>
      <div ref={group}>
        {shown.map((server) =>
          !isNew && form?.name === server.name ? (
            <section key={server.name} className="setting provider" aria-label={server.name}>
              <span className="setting-name">{server.name}</span>
              <ServerForm before={server} taken={[]} saved={saved} cancel={() => close(`more ${server.name}`)} />
            </section>
          ) : (
            <Provider
              key={server.name}
              provider={known.find((one) => one.name === server.name) ?? unasked(server)}
              own={{ change: () => open(server), remove: () => setAsks(server) }}
              {...(added?.name === server.name ? { added: added.key ?? "no key" } : {})}
            />
          ),
        )}
        {shown.length === 0 && !isNew && <p className="setting-note">{t.servers.empty}</p>}
        {isNew ? (
          <div className="setting provider">
            <span className="setting-name">{t.servers.add}</span>
            <ServerForm taken={[...shown, ...known].map((one) => one.name)} saved={saved} cancel={() => close("add")} />
          </div>
        ) : (
          <button
            type="button"
            className="button server-add"
            data-button="add"
            onClick={() => open({ beside: servers.map((one) => one.name) })}
          >
            <Icon name="plus" size={14} />
            {t.servers.add}
          </button>
        )}
      </div>
      {asks && (
        <Remove
          server={asks}
          hasKey={known.some((one) => one.name === asks.name && one.hasKeptKey)}
          close={() => setAsks(undefined)}
          removed={() => {
            setAsks(undefined);
            focus("add");
          }}
        />
      )}
    </Group>
  );
}

function Remove(props: { server: Server; hasKey: boolean; close: () => void; removed: () => void }) {
  const t = useText();
  const { name } = props.server;
  const [failed, setFailed] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    setFailed(undefined);
    try {
      // While it is known by its name; without the server it would belong to nobody.
      if (props.hasKey) await jamey().removeKey(name);
      await forget(name);
    } catch (thrown) {
      setFailed(`${t.servers.notRemoved}: ${failure(thrown)}`);
      setBusy(false);
      return void againWhoAnswers();
    }
    props.removed();
    void againWhoAnswers();
  };
  return (
    <Dialog title={t.servers.removeAsk(name)} onClose={props.close}>
      <p>{props.hasKey ? t.servers.removeKeyAbout : t.servers.removeAbout}</p>
      <p role="alert" className="setting-failed">
        {failed}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={props.close}>
          {t.app.cancel}
        </button>
        <button type="button" className="button danger" disabled={isBusy} onClick={() => void remove()}>
          {t.servers.remove}
        </button>
      </div>
    </Dialog>
  );
}

/** What the settings alone say of a server that the runtime has not told of yet. */
function unasked({ name, kind, address }: Server): ProviderView {
  return { name, kind, baseUrl: address, keySource: null, state: "" };
}
