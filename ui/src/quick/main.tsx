import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { asError, connect, jamey } from "../api";
import { leaveToInputMethod } from "../parts/composing";
import { beginAsked } from "../state/asked";
import { beginConnection } from "../state/connection";
import { beginLooks } from "../state/looks";
import { beginFollowing } from "../state/open";
import { goElsewhere, type Place } from "../state/place";
import { begin } from "../state/prefs";
import { sayError } from "../state/toasts";
import { wish } from "../state/wish";
import { text } from "../text";
import { Quick } from "./Quick";
import { beginShown } from "./shown";
// At once: a style sheet that comes later makes WebKit measure everything as nothing for a moment.
import "katex/dist/katex.min.css";
import "../style/tokens.css";
import "../style/base.css";
import "../style/parts.css";
import "../style/first.css";
import "../style/frame.css";
import "../style/markdown.css";
import "../style/diagram.css";
import "../style/conversation.css";
import "../style/attach.css";
import "../style/quick.css";
import "../style/contrast.css";

/** All places are the window's. */
async function leadToWindow(to: Place): Promise<void> {
  wish(to);
  await jamey().showMain(null);
  await jamey().hideQuick();
}

async function main(): Promise<void> {
  const root = document.getElementById("root");
  if (!root) return;
  leaveToInputMethod();
  await Promise.all([connect(), begin()]);
  goElsewhere((to) => {
    leadToWindow(to).catch((thrown) => sayError(text().quick.toMain, asError(thrown)));
  });
  createRoot(root).render(
    <StrictMode>
      <Quick />
    </StrictMode>,
  );
  // First, since asking for the connection also asks what was typed so far.
  await beginShown();
  void beginConnection();
  beginAsked();
  beginFollowing();
  beginLooks();
}

void main();
