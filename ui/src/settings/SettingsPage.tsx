/** One page for each topic; what is changed holds at once. */
import { type FunctionComponent, useEffect, useRef } from "react";
import { ConnectionBar } from "../ConnectionBar";
import { Header } from "../Header";
import { config } from "../state/asked";
import { go, TOPICS, type Topic } from "../state/place";
import { useStore } from "../state/store";
import { useText } from "../text";
import { Advanced } from "./Advanced";
import { General } from "./General";
import { Limits } from "./Limits";
import { Models } from "./Models";
import { Providers } from "./Providers";
import { Tools } from "./Tools";

const PAGES: Record<Topic, FunctionComponent> = {
  general: General,
  models: Models,
  providers: Providers,
  tools: Tools,
  limits: Limits,
  advanced: Advanced,
};

export default function SettingsPage({ topic, hasSidebar }: { topic: Topic; hasSidebar: boolean }) {
  const t = useText();
  const { value, error } = useStore(config.store);
  const Page = PAGES[topic];
  const topics = useRef<HTMLElement>(null);
  useEffect(() => void config.again(), []);
  // Where they stand in one row, that may be longer than the page is wide.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the one that is current follows the topic
  useEffect(() => {
    topics.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [topic]);
  return (
    <>
      <Header title={t.settings.title} hasSidebar={hasSidebar} />
      <ConnectionBar />
      <div className="settings">
        <nav ref={topics} className="topics" aria-label={t.settings.title}>
          {TOPICS.map((one) => (
            <button
              key={one}
              type="button"
              aria-current={one === topic ? "page" : undefined}
              onClick={() => go({ name: "settings", topic: one })}
            >
              {t.settings.topics[one]}
            </button>
          ))}
        </nav>
        <div key={topic} className="settings-page">
          {topic === "general" || value ? (
            <Page />
          ) : (
            error && (
              <p className="setting-note" role="alert">
                {`${t.settings.failed}: ${error.message}`}
              </p>
            )
          )}
          {topic !== "general" &&
            value?.warnings.map((warning) => (
              <p key={warning} className="setting-note">
                {warning}
              </p>
            ))}
        </div>
      </div>
    </>
  );
}
