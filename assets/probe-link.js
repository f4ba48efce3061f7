/* The address of a run's page: its tab, and on the Probe the question as well, such as #probe&cue=wrong&remove=0.1. */
(function () {
  "use strict";
  const text = () => window.location.hash.slice(1);

  /* The tab that the address names, if there is one. */
  function tab() {
    const [named] = text().split("&");
    return named && document.querySelector(`.run-tabs [role=tab][id$="-tab-${CSS.escape(named)}"]`) ? named : "";
  }

  /* What it asks for: the start, but for what it says of controls that exist; the server judges the values. */
  function question(start) {
    const goal = { ...start };
    for (const [short, given] of new URLSearchParams(text().split("&").slice(1).join("&"))) {
      const name = `probe.${short}`;
      if (!(name in start)) continue;
      if (typeof start[name] === "boolean") goal[name] = given === "1";
      else if (typeof start[name] !== "number") goal[name] = given;
      else if (given.trim() !== "" && Number.isFinite(Number(given))) goal[name] = Number(given);
    }
    return goal;
  }

  function write(now, values, start) {
    const said = (value) => encodeURIComponent(typeof value === "boolean" ? Number(value) : value);
    const other = Object.keys(start).filter((name) => name in values && values[name] !== start[name] && values[name] !== "");
    const asked = now === "probe" ? other.map((name) => `${name.replace("probe.", "")}=${said(values[name])}`) : [];
    const hash = [now, ...asked].join("&");
    if (hash !== text()) window.history.replaceState(window.history.state, "", `${window.location.pathname}#${hash}`);
  }

  window.spikedash = Object.assign({}, window.spikedash, { probeLink: { tab, question, write } });
})();
