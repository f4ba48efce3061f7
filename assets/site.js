// Pages without loading the document again: links, the title, the focus, and a word to the scripts of the page that goes.
(function () {
  let here = null; // path of the page shown

  // Dash listens to this event as to the one of its own links.
  function go(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  // Every plain link inside the site; with a key or another button held, the browser does what it always does.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const to = new URL(link.href, window.location.href);
    if (to.origin !== window.location.origin || link.target || link.hasAttribute("download")) return;
    if (link.classList.contains("skip")) {
      event.preventDefault(); // the address holds the settings, and must go on doing so
      document.getElementById(to.hash.slice(1))?.focus();
      return;
    }
    if (to.pathname === window.location.pathname) {
      if (!to.hash) event.preventDefault();
      return;
    }
    event.preventDefault();
    go(to.pathname + to.search + to.hash);
  });

  function shown(again) {
    const place = document.querySelector("[data-title]");
    if (!place) return;
    document.title = place.dataset.title;
    if (again) {
      window.scrollTo(0, 0);
      const main = document.getElementById("main");
      if (main) main.focus({ preventScroll: true });
    }
    window.dispatchEvent(new CustomEvent("spikedash:arrive"));
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    site: {
      // The way back to another hash of the same page builds nothing anew.
      leave(path) {
        if (path === here) return window.dash_clientside.no_update;
        if (here !== null) window.dispatchEvent(new CustomEvent("spikedash:leave"));
        here = path;
        return path;
      },
      arrive: (() => {
        let visits = 0;
        return (children) => {
          if (!children) return;
          visits += 1;
          const again = visits > 1;
          window.requestAnimationFrame(() => window.requestAnimationFrame(() => shown(again)));
        };
      })(),
      go(href) {
        if (href) go(href);
      },
    },
  });
  window.spikedash = Object.assign({}, window.spikedash, { go });
})();
