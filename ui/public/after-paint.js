// Begins the page's own code when its frame has been painted: running it takes longer than a frame. A window that is
// not seen has no frames, so it does not wait for one for long.
{
  const code = document.currentScript.dataset.code;
  let hasBegun = false;
  const begin = () => {
    if (hasBegun) return;
    hasBegun = true;
    void import(code);
  };
  requestAnimationFrame(() => setTimeout(begin));
  setTimeout(begin, 100);
}
