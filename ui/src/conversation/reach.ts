/** What the session on the page leads to, for keys and commands that want to go there. */
export type Reach = {
  /** Shows the question that waits, and puts the focus on it; false if none does. */
  question: () => boolean;
  /** Shows the end of the session with the models that can be asked once more. */
  again: () => void;
};

let reach: Reach | undefined;

/** Tells what the page leads to, until what it returns is called. */
export function setReach(next: Reach): () => void {
  reach = next;
  return () => {
    if (reach === next) reach = undefined;
  };
}

export function showQuestion(): boolean {
  return reach?.question() ?? false;
}

export function openAgain(): void {
  reach?.again();
}
