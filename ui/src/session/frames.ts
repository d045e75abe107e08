/** Runs something once with the next frame; in a window that nobody sees, a few times a second. */
const HIDDEN_MS = 250;

export function nextFrame(run: () => void): () => void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(once);
  // No frames come while the window is hidden; what arrives then must not pile up.
  const timer = setTimeout(once, HIDDEN_MS);
  return () => {
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** Runs something when so much has passed that a person should see how far it is. */
const SOON_MS = 250;

export function soon(run: () => void): () => void {
  const timer = setTimeout(run, SOON_MS);
  return () => clearTimeout(timer);
}
