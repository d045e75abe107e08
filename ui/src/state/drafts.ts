/** What was typed and not sent, for each session; it outlives the window. */
const KEY = "jamey.draft.";

export function draftOf(session: string): string {
  try {
    return localStorage.getItem(KEY + session) ?? "";
  } catch {
    return "";
  }
}

export function keepDraft(session: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(KEY + session);
    else localStorage.setItem(KEY + session, text);
  } catch {
    // A full or missing storage: the field itself still has it.
  }
}
