/** Answers of the runtime that several pages read, each asked again when it may have changed. */
import { asError, jamey } from "../api";
import type { ApiError, ConfigView, Model, ProviderView, Shell, Status, ToolDescription } from "../generated/bindings";
import { onReady } from "./connection";
import { createStore, type Store } from "./store";

export type Asked<T> = { value?: T; error?: ApiError };

export type Source<T> = { store: Store<Asked<T>>; again: () => Promise<void>; put: (value: T) => void };

function source<T>(ask: () => Promise<T>): Source<T> {
  const store = createStore<Asked<T>>({});
  // An answer to an older question says nothing new.
  let newest = 0;
  const again = async () => {
    const mine = ++newest;
    try {
      const value = await ask();
      if (mine === newest) store.set({ value });
    } catch (thrown) {
      if (mine === newest) store.update((now) => ({ ...now, error: asError(thrown) }));
    }
  };
  const put = (value: T) => {
    newest++;
    store.set({ value });
  };
  return { store, again, put };
}

export const models = source<Model[]>(() => jamey().models());
export const config = source<ConfigView>(() => jamey().config());
export const providers = source<ProviderView[]>(() => jamey().providers());
export const tools = source<ToolDescription[]>(() => jamey().tools());
export const status = source<Status>(() => jamey().status());
export const shell = source<Shell>(() => jamey().shell());

/** After a change of who can be asked. */
export async function againWhoAnswers(): Promise<void> {
  await Promise.all([providers.again(), models.again()]);
}

export function beginAsked(): void {
  void shell.again();
  onReady(() => {
    void againWhoAnswers();
    void status.again();
  });
}

/** Tells whether the person set a provider up: its list of models may be empty because it does not answer now. */
export function isSetUp(list: readonly ProviderView[]): boolean {
  return list.some((provider) => provider.keySource || (provider.name !== "local" && provider.state === "ready"));
}

/** The model of new sessions, if it can answer: weights that were removed, or a provider without a key, cannot. */
export function defaultOf(list: readonly Model[]): Model | undefined {
  return list.find((model) => model.default && (!model.weights || model.weights.installed));
}

/** Makes it the model of new sessions where the one that is chosen cannot answer. */
export async function letAnswer(id: string): Promise<void> {
  if (defaultOf(models.store.get().value ?? [])) return;
  await jamey().defaultModel(id);
  await Promise.all([models.again(), config.again()]);
}

/** Tells whether anything can answer: a model of a provider, or weights that are here. */
export function canAnswer(list: readonly Model[]): boolean {
  return list.some((model) => !model.weights || model.weights.installed);
}
