// Colours to choose from for runs: a small box beside what was pressed; one press paints and closes.
(function () {
  const $ = (id) => document.getElementById(id);
  let painting = []; // ids of runs
  let from = null; // where the focus goes back to

  function open(ids, near) {
    const palette = $("runs-palette");
    painting = ids;
    from = near;
    palette.hidden = false;
    const box = near.getBoundingClientRect();
    palette.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - palette.offsetWidth - 8))}px`;
    palette.style.top = `${Math.min(box.bottom + 6, window.innerHeight - palette.offsetHeight - 8)}px`;
    palette.querySelector("button").focus();
  }

  function close() {
    const palette = $("runs-palette");
    if (!palette || palette.hidden) return;
    palette.hidden = true;
    if (from && from.isConnected) from.focus();
  }

  document.addEventListener("click", (event) => {
    if (!$("runs-palette") || !(event.target instanceof Element)) return;
    const dot = event.target.closest("#runs-palette [data-colour]");
    if (dot) window.spikedash.runsPaint(painting, dot.dataset.colour);
    if (dot || !event.target.closest("#runs-palette, .swatch, #act-colour")) close();
  });

  document.addEventListener("keydown", (event) => {
    const palette = $("runs-palette");
    if (!palette || palette.hidden) return;
    const buttons = [...palette.querySelectorAll("button")];
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (step) buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
    else return;
    event.preventDefault();
  });

  window.spikedash = Object.assign({}, window.spikedash, { runsPalette: open });
})();
