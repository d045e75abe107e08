/** Downloads of the scripted shell: they go on when the page is loaded anew, and are remembered while stopped. */
import type { ApiError, Model, Pull, PullView } from "../src/generated/bindings";

const KEPT = "jamey.mock.downloads";

export function downloadsOf(models: Model[], speed: () => number, isHere: () => void) {
  const all = new Map<string, PullView>(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
  const timers = new Map<string, ReturnType<typeof setInterval>>();
  const pages = new Map<string, (pull: Pull) => void>();
  const keep = () => sessionStorage.setItem(KEPT, JSON.stringify([...all]));

  const tell = (name: string, last: Pull, isRunning = true) => {
    all.set(name, { name, isRunning, last });
    keep();
    pages.get(name)?.(last);
  };
  const stop = (name: string) => {
    clearInterval(timers.get(name));
    timers.delete(name);
  };
  const whole = (name: string, model: Model) => {
    if (model.weights) model.weights.installed = true;
    isHere();
    tell(name, { type: "done", model: name });
    all.delete(name);
    keep();
  };
  const run = (name: string, model: Model, total: number) => {
    timers.set(
      name,
      setInterval(() => {
        const last = all.get(name)?.last;
        const done = Math.min(total, (last?.type === "progress" ? last.done : 0) + total / 60);
        tell(name, { type: "progress", done, total, source: "huggingface.co" });
        if (done < total) return;
        stop(name);
        tell(name, { type: "verifying" });
        setTimeout(() => all.has(name) && whole(name, model), 700 / speed());
      }, 120 / speed()),
    );
  };
  const begin = async (name: string, onPull: (pull: Pull) => void): Promise<void> => {
    const model = models.find((one) => one.id === name);
    if (!model?.weights)
      throw { code: "not_found", message: `there is no model ${name}`, hint: null, retryable: false } as ApiError;
    const { last } = all.get(name) ?? {};
    pages.set(name, onPull);
    if (timers.has(name)) {
      if (last) onPull(last);
      return;
    }
    all.set(name, { name, isRunning: true, ...(last?.type === "progress" ? { last } : {}) });
    run(name, model, model.weights.bytes);
  };
  return {
    begin,
    all: () => [...all.values()],
    pause: (name: string) => {
      stop(name);
      const one = all.get(name);
      if (one) all.set(name, { ...one, isRunning: false });
      keep();
    },
    discard: (name: string) => {
      stop(name);
      all.delete(name);
      keep();
    },
  };
}
