/** Models as the pickers show them. */
import type { Model } from "../generated/bindings";
import type { MenuItem } from "../parts/Menu";

/** The name without its provider. */
export function shortModel(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

export function providerOf(id: string): string {
  const at = id.indexOf("/");
  return at < 0 ? "" : id.slice(0, at);
}

/** Those that can answer now. */
export function askable(list: readonly Model[]): Model[] {
  return list.filter((model) => !model.weights || model.weights.installed);
}

export function modelItems(
  list: readonly Model[],
  current: string | undefined,
  choose: (id: string) => void,
): MenuItem[] {
  return askable(list).map((model) => ({
    id: model.id,
    label: shortModel(model.id),
    about: providerOf(model.id),
    checked: model.id === current,
    run: () => choose(model.id),
  }));
}
