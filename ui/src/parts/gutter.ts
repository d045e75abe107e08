/** How much of a side a scrollbar takes, so that what scrolls and what does not end at one edge. */
export function measureGutter(): void {
  const box = document.createElement("div");
  box.style.cssText = "position: absolute; width: 100px; overflow-y: auto; scrollbar-gutter: stable both-edges";
  document.body.append(box);
  document.documentElement.style.setProperty("--gutter", `${(box.offsetWidth - box.clientWidth) / 2}px`);
  box.remove();
}
