import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { connect, jamey } from "./api";
import { prepare } from "./conversation/prepare";
import { leaveToInputMethod } from "./parts/composing";
import { measureGutter } from "./parts/gutter";
import { beginAsked, config, shell } from "./state/asked";
import { beginConnection, onReady } from "./state/connection";
import { beginDeleting } from "./state/deleting";
import { beginDrafts } from "./state/drafts";
import { beginLooks } from "./state/looks";
import { beginFollowing } from "./state/open";
import { go } from "./state/place";
import { begin } from "./state/prefs";
import { beginPulls } from "./state/pulls";
import { beginSessions } from "./state/sessions";
import { say } from "./state/toasts";
import { beginWishes } from "./state/wish";
import { text } from "./text";
// At once: a style sheet that comes later makes WebKit measure everything as nothing for a moment.
import "katex/dist/katex.min.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/first.css";
import "./style/frame.css";
import "./style/markdown.css";
import "./style/diagram.css";
import "./style/conversation.css";
import "./style/composer.css";
import "./style/attach.css";
import "./style/pages.css";
import "./style/usage.css";
import "./style/contrast.css";

/** Nothing on this desktop shows notifications, so the page says it itself, once. */
function sayNotTold(): void {
  say({ text: text().settings.notTold, hint: text().settings.noNotifications }, 60_000);
}

async function main(): Promise<void> {
  const root = document.getElementById("root");
  if (!root) return;
  leaveToInputMethod();
  await Promise.all([connect(), begin()]);
  measureGutter();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  // Words from the quick prompt that belong to no session yet are shown where they are.
  beginDrafts((draft) => draft === "new" && go({ name: "new" }));
  beginWishes(go);
  // First, since asking for the connection also asks which session to show.
  await jamey().onFocusSession((id) => go({ name: "session", id }));
  await jamey().onShellChanged(() => void shell.again());
  const stop = await jamey().onNotTold(() => {
    sayNotTold();
    stop();
  });
  void beginConnection();
  beginSessions();
  beginDeleting();
  beginAsked();
  beginFollowing();
  beginLooks();
  onReady(() => void config.again());
  // Before it is needed: in the middle of an answer it would hold up the answer.
  setTimeout(prepare, 500);
  // What cannot be had is asked for again by its button.
  void beginPulls().catch(() => {});
}

void main();
