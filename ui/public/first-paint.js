// Before anything is painted: the theme and the list of sessions as they were, so that nothing flashes or jumps
// when the page's own code has come. What it reads is kept by state/prefs.ts, which goes on from here.
try {
  const { theme = "system", sidebar = true } = JSON.parse(localStorage.getItem("jamey.prefs") ?? "{}");
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  document.documentElement.dataset.sidebar = sidebar ? "on" : "off";
} catch {
  // A value that is not ours: the page's own code says what holds.
}
