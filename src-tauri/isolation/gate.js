// Runs in a frame of its own, between the page and the shell: a call passes only through here. It lets pass
// what has the shape of a call; what a call may do is decided, and every argument checked, on the other side.
window.__TAURI_ISOLATION_HOOK__ = (payload) => {
  const command = payload?.cmd
  if (command !== undefined && (typeof command !== "string" || !/^[a-zA-Z0-9_:|-]{1,64}$/.test(command))) {
    throw new Error("no such command")
  }
  return payload
}
