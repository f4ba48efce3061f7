// One bubble of help for all knobs: beside the name under the pointer, the one that was touched, or the control reached by keys.
(function () {
  const QUIET_MS = 250; // a pointer on its way elsewhere opens nothing, and has time to reach the bubble
  const ROOM_PX = 8;
  let shown = null;
  let timer = null;
  let byKeys = false;

  function labelOf(node) {
    if (!(node instanceof Element)) return null;
    return node.closest("#help") ? shown : node.closest("[data-help]");
  }

  function place(bubble, label) {
    const name = label.getBoundingClientRect();
    const size = bubble.getBoundingClientRect();
    const above = name.top - size.height - ROOM_PX;
    const left = Math.min(name.left, window.innerWidth - size.width - ROOM_PX);
    bubble.style.left = `${Math.max(ROOM_PX, left)}px`;
    bubble.style.top = `${above >= ROOM_PX ? above : name.bottom + ROOM_PX}px`;
  }

  function show(label) {
    const bubble = document.getElementById("help");
    window.clearTimeout(timer);
    shown = label && bubble ? label : null;
    if (!bubble) return;
    bubble.hidden = !shown;
    if (!shown) return;
    bubble.textContent = label.dataset.help;
    place(bubble, label);
  }

  function soon(label) {
    window.clearTimeout(timer);
    if (label !== shown) timer = window.setTimeout(() => show(label), QUIET_MS);
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") soon(labelOf(event.target));
  });
  document.addEventListener("pointerdown", (event) => {
    byKeys = false;
    const label = labelOf(event.target);
    show(event.pointerType === "touch" && label !== shown ? label : null);
  });
  document.addEventListener("keydown", (event) => {
    byKeys = true;
    if (event.key === "Escape") show(null);
  });
  document.addEventListener("focusin", (event) => {
    const row = byKeys && event.target.closest(".knob");
    show(row ? row.querySelector("[data-help]") : null);
  });
  const moved = () => {
    if (shown && byKeys) place(document.getElementById("help"), shown);
    else if (shown) show(null);
  };
  document.addEventListener("scroll", moved, { capture: true, passive: true });
})();
