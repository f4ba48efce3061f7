// The one poller: asks for what is newer than its cursor and hands it to the page.
(function () {
  const FAST_MS = 120; // right after a click, so that its effect shows at once
  const HIDDEN_MS = 3000;
  const RETRY_MS = 1000;
  const IDLE_MS = 10000; // nothing to wait for: only look whether the server still answers
  const PATIENCE_MS = 8000;

  let name = null; // what is followed: a run's id, "demo" or "empty"
  let version = -1;
  let picture = ""; // what the figures show, in the server's words
  let final = false;
  let steady = 400; // ms; the server says when a look less often will do
  let fastUntil = 0;
  let timer = null;
  let busy = false;
  let again = false;
  let offline = false;
  let misses = 0; // answers that did not come, in a row
  let chosen = []; // neurons a person picked
  let shown = []; // neurons the server drew

  // The page of a run has fewer parts than the playground, and a page may go while its answer is on the way.
  function there(id) {
    try {
      return Boolean(window.dash_component_api.getLayout(id));
    } catch (missing) {
      return false;
    }
  }

  function set(id, props) {
    if (there(id)) window.dash_clientside.set_props(id, props);
  }

  const told = {}; // what the page shows already, so that an update touches only what changed

  function update(id, props) {
    const text = JSON.stringify(props);
    if (told[id] === text) return;
    told[id] = text;
    if (!window.spikedash.say(id, props)) set(id, props);
  }
  const theme = () => document.documentElement.getAttribute("data-mantine-color-scheme") || "light";

  function later(ms) {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, ms);
  }

  function pace() {
    if (final) return IDLE_MS;
    if (document.hidden) return HIDDEN_MS;
    return performance.now() < fastUntil ? Math.min(FAST_MS, steady) : window.spikedash.unhurried(steady);
  }

  function setOffline(now) {
    if (now !== offline) set("offline", { hide: !now });
    offline = now;
  }

  async function ask() {
    if (window.spikedash.drawing) return later(100); // a stroke has every frame to itself
    if (busy || name === null) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    const asked = name;
    const query = new URLSearchParams({ after: version, picture, theme: theme(), neurons: chosen.join(",") });
    const health = final && version >= 0;
    let wait = null;
    try {
      const answer = await fetch(health ? "/healthz" : `/stream/${asked}?${query}`, {
        signal: AbortSignal.timeout(PATIENCE_MS),
        cache: "no-store",
      });
      if (answer.status >= 500 && !health) throw new Error(`status ${answer.status}`);
      if (!health) window.spikedash.heard(answer);
      misses = 0;
      setOffline(false);
      if (asked === name && !health && !window.spikedash.drawing) {
        if (answer.status === 404) lost();
        else if (answer.status === 200) await show(await answer.json(), asked);
      }
    } catch (unreachable) {
      misses += 1;
      // A page that is busy for long, as on its arrival, takes an answer that is there for one that did not come.
      setOffline(unreachable.name !== "TimeoutError" || misses > 1);
      wait = RETRY_MS;
    }
    busy = false;
    later(again ? 0 : wait === null ? pace() : wait);
  }

  /* A frame after a figure is complete, which the image of a raster is a little after it was drawn. */
  async function seen(complete) {
    await Promise.race([complete, new Promise((go) => window.setTimeout(go, FAST_MS))]);
    await new Promise((go) => (document.hidden ? go() : window.requestAnimationFrame(() => window.setTimeout(go, 0))));
  }

  async function show(news, asked) {
    version = news.version;
    final = news.final;
    steady = news.pace_ms;
    for (const [id, props] of Object.entries(news.props)) update(id, props);
    // Each is seen before the next is drawn, the raster first; what a person does meanwhile waits for one of them at most.
    for (const [id, figure] of Object.entries(news.figures || {})) {
      await seen(there(id) && window.spikedash.draw(id, figure));
      if (asked !== name) return;
    }
    picture = news.picture;
    if (news.neurons) {
      shown = news.neurons.map(String);
      if (!shown.length) chosen = [];
      update("neurons", { value: shown });
    }
    update("shown-run", { data: { run: news.run || "", state: news.state, theme: theme() } });
    update("run-ready", { data: { run: news.run, state: news.state, theme: theme() } });
    window.dispatchEvent(new CustomEvent("spikedash:news", { detail: news }));
  }

  function hush() {
    told.notice = null;
    set("notice", { hide: true });
  }

  function lost() {
    if (there("watch")) return window.location.reload(); // the run's page is gone with it, and the server says so
    told.notice = null;
    set("notice", {
      hide: false,
      title: "This run is not here",
      children: "The link or this browser names a run that this server does not have; train a new one.",
      color: "yellow",
    });
    set("run", { data: "" });
  }

  function restart() {
    version = -1;
    picture = "";
    final = false;
    if (name !== null) ask();
  }

  // Another page: nothing is followed until the playground is there again.
  window.addEventListener("spikedash:leave", () => {
    window.clearTimeout(timer);
    name = null;
    first = true;
    shown = [];
    for (const id of Object.keys(told)) delete told[id];
  });

  let first = true;

  const stream = {
    // The current run changed, or the page has just been loaded; a link wins over what the browser remembers.
    follow(run) {
      if (first && window.spikedash.linked()) return; // links.js says what to follow as soon as the server has read the link
      window.spikedash.shows(run, first);
      first = false;
      name = run ? run : run === "" ? "empty" : "demo";
      fastUntil = performance.now() + 3000;
      chosen = [];
      restart();
    },

    // The page of one run, whose address names it.
    watch(run) {
      name = run;
      chosen = [];
      restart();
      return window.dash_clientside.no_update;
    },

    nudge() {
      fastUntil = performance.now() + 3000;
      if (!final) later(40);
    },

    reset(clicks) {
      if (!clicks) return;
      hush();
      set("run", { data: "" });
    },

    pick(click, value) {
      const y = click && click.points && click.points[0] && click.points[0].y;
      if (typeof y !== "number") return window.dash_clientside.no_update;
      const neuron = String(Math.round(y));
      const rest = (value || []).filter((other) => other !== neuron);
      return rest.length < (value || []).length && rest.length ? rest : [...rest, neuron].slice(-6);
    },

    show(value) {
      const wanted = (value || []).filter((text) => /^\d{1,9}$/.test(text));
      told.neurons = null; // a person changed it
      if (wanted.join() === shown.join() && wanted.length === (value || []).length) return;
      chosen = wanted;
      restart();
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { stream });
  new MutationObserver(restart).observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) later(0);
  });
  window.spikedash = Object.assign({}, window.spikedash, {
    // A link was read: follow its run, even where it is the one that was followed before.
    follow(run) {
      first = false;
      if (name === null) stream.follow(run);
      set("run", { data: run });
    },
  });
})();
