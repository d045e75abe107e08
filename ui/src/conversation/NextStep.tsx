/** The button that leads to where an error is mended, if there is such a place. */
import type { ApiError } from "../generated/bindings";
import { go } from "../state/place";
import { useText } from "../text";

export function NextStep({ error }: { error: ApiError }) {
  const t = useText();
  switch (error.code) {
    case "no_model":
      return (
        <button type="button" className="button accent" onClick={() => go({ name: "first" })}>
          {t.conversation.chooseModel}
        </button>
      );
    case "auth":
      return (
        <button type="button" className="button" onClick={() => go({ name: "settings", topic: "providers" })}>
          {t.conversation.openProviders}
        </button>
      );
    case "limit":
      return (
        <button type="button" className="button" onClick={() => go({ name: "settings", topic: "limits" })}>
          {t.usage.changeLimits}
        </button>
      );
    default:
      return null;
  }
}
