/** Models as the pickers show them. */
import type { Model } from "../generated/bindings";
import type { MenuItem } from "../parts/Menu";
import { text } from "../text";
import type { Text } from "../text/en";
import { providerName } from "../text/providers";
import { money, tokens } from "../text/units";

/** The name without its provider. */
export function shortModel(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

export function providerOf(id: string): string {
  const at = id.indexOf("/");
  return at < 0 ? "" : id.slice(0, at);
}

/** What helps to choose: its provider, how much it reads at once, whether it sees pictures, what it costs. */
export function factsOf(model: Model, t: Text): string {
  const { price } = model;
  return [
    providerName(providerOf(model.id)),
    model.context ? t.composer.context(tokens(model.context)) : "",
    model.vision ? t.composer.vision : "",
    model.tools === false ? t.settings.noTools : "",
    price ? t.composer.price(money((price.input ?? 0) * 1e6), money((price.output ?? 0) * 1e6)) : "",
  ]
    .filter(Boolean)
    .join(" · ");
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
    about: factsOf(model, text()),
    checked: model.id === current,
    run: () => choose(model.id),
  }));
}
