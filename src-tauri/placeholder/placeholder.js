// What stands in for the user interface where that was not built: says how the connection is.
const say = document.getElementById("say")
window.__TAURI_INTERNALS__
  .invoke("connection")
  .then((connection) => say.append(` Runtime: ${connection.state}.`))
  .catch((error) => say.append(` ${JSON.stringify(error)}`))
