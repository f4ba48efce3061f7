// Links: what the address asks for is read by the server and put into the page; what the page shows is put into the address.
(function () {
  const COPIED_MS = 2000;
  const PATIENCE_MS = 3000; // until the controls show what a link asks for, and until the server has written what they show
  const sheet = new CSSStyleSheet(); // hides what a lesson's link hides, without a word to React
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  let turn = 0; // of the link that was asked for last: a slow answer to an earlier one counts no more
  let reading = false; // the address is not written while the page does not show yet what it says
  let run = null; // shown: an id, "" for none, null for the demo
  let full = ""; // the text that restores everything
  let short = ""; // the shortest that does as long as presets stay as they are; null while it is not known
  let start = null; // values that an empty address means here
  let awaited = null; // settings of a link that the controls do not show yet
  let written = ""; // the hash as it was last seen or written here
  let last = {}; // preset and run in it
  let answered = 0; // the turn of the settings that the server has written last
  let ran = null; // id and settings of the run that is shown

  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const text = () => window.location.hash.slice(1);

  function data(id) {
    try {
      return window.dash_component_api.getLayout(id).props.data;
    } catch (missing) {
      return undefined;
    }
  }

  const lesson = () => data("link-start") || "";
  const linked = () => Boolean(text() || lesson());

  let page = null; // path of the page whose settings these are
  const leaving = () => page !== window.location.pathname; // the address names the next page already

  // What the page shows now, under the address as it is.
  function remember() {
    if (leaving()) return;
    const { preset, values } = window.spikedash.settingsNow();
    const recording = (data("recording") || {}).id || "";
    window.spikedash.latest.keep({ preset, values, curves: data("drawn") || null, recording });
  }

  function ask() {
    reading = true;
    window.spikedash.latest.at(null);
    turn += 1;
    written = text();
    set("link-asked", { data: { text: text() || lesson(), start: lesson(), turn } });
  }

  function same(one, other) {
    const { spec, holds } = window.spikedash;
    return Object.keys(one).every((name) => {
      const known = spec().knobs[name];
      return !known || one[name] === other[name] || !(holds(known.when, one) && holds(known.when, other));
    });
  }

  const curves = (list) => JSON.stringify((list || []).map(({ group, values, random_phase }) => [group, values, random_phase]));

  // Whether the controls stand as they did when the shown run was launched.
  function asItRan(values) {
    if (!ran || ran.id !== run || !ran.settings || !same(values, ran.settings)) return false;
    const family = values["target.family"];
    if (family === "drawn") return curves(data("drawn")) === curves(ran.drawn);
    return family !== "recorded" || (data("recording") || {}).id === ran.recording;
  }

  // The shortest hash that says what the page shows.
  function shortest(short) {
    const { preset, values } = window.spikedash.settingsNow();
    if (run) return !ran || ran.id !== run || asItRan(values) ? `run=${run}` : `${full}&run=${run}`;
    const usual = start || window.spikedash.spec().presets.playground;
    const own = ["drawn", "recorded"].includes(values["target.family"]) && !start;
    return same(values, usual) && !own && (start || preset === "playground") ? "" : short;
  }

  function write(short) {
    if (reading || short === null || !data("spec") || leaving()) return;
    const { preset } = window.spikedash.settingsNow();
    const hash = shortest(short);
    const place = window.location.pathname + window.location.search + (hash ? `#${hash}` : "");
    // Another preset or another run is a step to go back from; a slider on its way is none.
    const step = last.preset !== undefined && (last.preset !== preset || (last.run !== run && Boolean(run)));
    if (hash !== written) window.history[step ? "pushState" : "replaceState"]({ run }, "", place);
    else window.history.replaceState({ run }, "", place);
    written = hash;
    window.spikedash.latest.at(hash);
    remember();
    last = { preset, run };
  }

  function hide(names) {
    const { spec } = window.spikedash;
    const hidden = new Set(names);
    const rules = names.map((name) => `[id='{"name":"${name}","type":"row"}']`);
    const open = [];
    for (const group of ["target", "network", "training", "cue"]) {
      const inside = Object.keys(spec().knobs).filter((name) => name.startsWith(`${group}.`));
      const seen = inside.filter((name) => !hidden.has(name));
      if (!seen.length) rules.push(`.group-${group}`);
      else if (names.length) open.push(group);
      if (names.length && seen.length && !seen.some((name) => spec().knobs[name].advanced)) rules.push(`.more-${group}`);
    }
    if (hidden.has("presets")) rules.push(".presets");
    const seen = ".play.lesson .controls { visibility: visible !important; }"; // which waits for what it shall hide
    sheet.replaceSync((rules.length ? `${rules.join(",")} { display: none !important; } ` : "") + (names.length ? seen : ""));
    if (open.length) set("groups", { value: open });
    document.querySelectorAll("details.more").forEach((more) => {
      if (names.length) more.open = true;
    });
    set("hide-none", { hidden: !names.length });
  }

  let fresh = true; // the document was just loaded

  // The server has written what the controls say, or does not answer.
  async function caughtUp() {
    const end = performance.now() + PATIENCE_MS;
    while (answered !== window.spikedash.settingsNow().turn && performance.now() < end) {
      await new Promise((go) => window.setTimeout(go, 20));
    }
  }

  const links = {
    boot() {
      page = window.location.pathname;
      start = null;
      last = {};
      short = "";
      full = "";
      hide([]);
      if (linked()) ask();
      return window.dash_clientside.no_update;
    },

    apply(link) {
      if (!link || link.turn !== turn || leaving()) return;
      if (lesson() && !text()) start = link.values;
      link = { ...link, ...window.spikedash.latest.under(text()) };
      if (link.known) {
        window.spikedash.takeSettings(link.preset, link.values);
        if (link.curves) set("drawn", { data: link.curves });
        // What this browser knows about its own file, such as how it was read, is more than the link says.
        const here = (data("recording") || {}).id === link.recording;
        if (link.recording && !here) set("recording", { data: { id: link.recording } });
      }
      hide(link.hide);
      const state = window.history.state || {};
      const kept = fresh && window.spikedash.latest.reloaded() ? data("run") : "run" in state ? state.run : "";
      fresh = false;
      reading = false;
      short = null; // the server has not said yet how these settings are written
      awaited = { values: link.known ? link.values : null, until: performance.now() + PATIENCE_MS };
      last = { preset: link.preset, run: link.run || kept };
      window.spikedash.follow(link.run || kept);
      if (link.notes.length) {
        set("notice", { hide: false, title: "About this link", children: link.notes.join(" "), color: "yellow" });
      }
    },

    address(now) {
      if (!now) return;
      answered = now.turn;
      // What the server said of settings that have changed since, or of those before the link, is late news.
      const { turn: latest, values } = window.spikedash.settingsNow();
      const waits = awaited && awaited.values && performance.now() < awaited.until;
      if (now.turn !== latest || (waits && !same(awaited.values, values))) return;
      awaited = null;
      ({ full, short } = now);
      write(short);
    },

    bare(clicks) {
      if (!clicks) return;
      hide([]);
      document.querySelector(".play").classList.add("whole");
    },

    async copy(clicks) {
      if (!clicks) return;
      await caughtUp();
      const hash = run ? `${full}&run=${run}` : full;
      const done = await window.spikedash.toClipboard(`${window.location.origin}${window.location.pathname}#${hash}`);
      const words = done ? "Link copied." : "The browser does not let a page copy; take the link from the address bar.";
      document.getElementById("link-said").textContent = words;
      set("copy-link", { className: done ? "tool done" : "tool wrong", title: words });
      window.setTimeout(() => set("copy-link", { className: "tool", title: "Copy a link to these settings" }), COPIED_MS);
    },
  };

  // Back, forward, or an address that somebody typed.
  window.addEventListener("popstate", () => {
    if (!data("spec") || text() === written) return;
    if (linked()) ask();
    else {
      written = "";
      short = null;
      last = {};
      const state = window.history.state || {};
      window.spikedash.takeSettings("playground", window.spikedash.spec().presets.playground);
      window.spikedash.follow("run" in state ? state.run : "");
    }
  });

  window.addEventListener("spikedash:leave", () => {
    window.spikedash.latest.at(null);
    sheet.replaceSync("");
    reading = false;
    fresh = false;
    last = {};
    ran = null;
  });

  window.addEventListener("spikedash:news", ({ detail }) => {
    const first = !ran || ran.id !== detail.run;
    ran = detail.demo ? null : { id: detail.run, settings: detail.settings, drawn: detail.drawn, recording: detail.recording };
    if (first && run && full) write(short);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { links });
  window.spikedash = Object.assign({}, window.spikedash, {
    linked,
    lesson,
    remember,
    shows(now) {
      run = now;
      write(short);
    },
  });
})();
