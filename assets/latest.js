// The settings under the present address, kept by the tab at once: the address itself follows when the server has written it.
(function () {
  const KEPT = "spikedash-latest";
  let address = null; // as it stands; null while the page does not show yet what it says
  let left; // the address that is being left: a reload on its way keeps it, whatever is written after its beginning

  const reloaded = () => (performance.getEntriesByType("navigation")[0] || {}).type === "reload";

  function keep(latest) {
    if (address === null) return;
    try {
      window.sessionStorage.setItem(KEPT, JSON.stringify({ page: window.location.pathname, address, left, ...latest }));
    } catch (refused) {
      // Without storage, what was changed in the last moment before a reload is lost.
    }
  }

  /* What this tab showed last under an address, if it did: preset, values, curves and recording. */
  function under(text) {
    try {
      const { page, address: then, left, ...latest } = JSON.parse(window.sessionStorage.getItem(KEPT)) || {};
      const same = page === window.location.pathname && (then === text || (reloaded() && left === text));
      return same && typeof latest.values === "object" ? latest : null;
    } catch (broken) {
      return null;
    }
  }

  window.addEventListener("beforeunload", () => {
    left = address ?? undefined;
  });

  window.spikedash = Object.assign({}, window.spikedash, {
    latest: {
      keep,
      under,
      reloaded,
      at(text) {
        address = text;
      },
    },
  });
})();
