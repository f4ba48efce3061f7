/* The Probe: asks the newest question until its answer is there, and shows it; one request at a time. */
(function () {
  "use strict";
  const SETTLE_MS = 15; // a button moves several controls, one after the other
  const WAITS_MS = [25, 25, 35, 50, 75, 110, 160, 240, 350, 500]; // between two looks for an answer; the last one stays
  const RETRY_MS = 1000;
  const PATIENCE_MS = 8000;
  const SAY_AFTER_MS = 700; // an answer that takes longer is announced
  const NARROW = window.matchMedia("(width < 75em)");
  const SIDES = ["before", "after"];

  let spec = null;
  let values = {};
  let tab = "";
  let chosen = []; // neurons a person picked
  let drawn = []; // neurons the server drew
  let have = ""; // name of the figure on the left
  let page = "";
  let wanted = null; // the newest question as JSON, and when it came up
  let since = 0;
  let shown = null; // the question whose answer is seen
  let busy = false;
  let timer = null;
  let painting = null; // since when the question that is being painted was wanted
  let visit = 0;
  let standing = ""; // of the run, as the stream told it last

  const $ = (id) => document.getElementById(id);
  const say = (id, props) => window.spikedash.say(id, props);
  const no_update = () => window.dash_clientside.no_update;
  const theme = () => document.documentElement.getAttribute("data-mantine-color-scheme") || "light";

  function set(id, props) {
    if ($(id) || typeof id !== "string") window.dash_clientside.set_props(id, props);
  }

  function ready() {
    if (!spec) spec = window.dash_component_api.getLayout("probe-spec").props.data;
    return spec;
  }

  function forget() {
    visit += 1;
    window.clearTimeout(timer);
    [spec, values, tab, chosen, drawn, have, wanted, shown, busy, painting] = [null, {}, "", [], [], "", null, null, false, null];
  }

  /* ---- controls ---- */

  const bare = (name) => name.replace("probe.", "");

  function nearest(stops, value) {
    let best = 0;
    stops.forEach((stop, k) => {
      if (Math.abs(stop - value) < Math.abs(stops[best] - value)) best = k;
    });
    return best;
  }

  function apply(goal) {
    for (const [name, value] of Object.entries(goal)) {
      if (values[name] === value) continue;
      if (typeof value === "boolean") set({ type: "probe-flag", name }, { checked: value });
      else set({ type: "probe-knob", name }, { value });
    }
  }

  /* What a preset leads to from here. */
  function goal(preset) {
    const { start, stays, presets } = ready();
    const kept = Object.fromEntries(stays.filter((name) => name in values).map((name) => [name, values[name]]));
    return { ...start, ...kept, ...presets[preset] };
  }

  const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);

  function question() {
    const asked = {};
    for (const [name, value] of Object.entries(values)) if (value !== "" && value !== null) asked[bare(name)] = value;
    return asked;
  }

  /* ---- asking ---- */

  const visible = () => tab === "probe" && Boolean($("probe-bench"));

  function want() {
    if (!visible()) return;
    const now = JSON.stringify({ question: question(), neurons: chosen, theme: theme() });
    if (now === wanted) return;
    wanted = now;
    since = performance.now();
    if (!busy) later(SETTLE_MS);
  }

  function later(ms) {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, ms);
  }

  async function ask() {
    if (busy || !visible() || wanted === null) return;
    busy = true;
    const mine = visit;
    for (let look = 0; mine === visit && visible(); look += 1) {
      const [asked, began] = [wanted, since];
      const next = await once(asked, began);
      if (mine !== visit) return;
      if (next === null && asked === wanted) break;
      const pause = asked === wanted ? (next === 0 ? WAITS_MS[Math.min(look, WAITS_MS.length - 1)] : next) : SETTLE_MS;
      if (asked !== wanted) look = -1;
      await new Promise((go) => window.setTimeout(go, pause));
    }
    if (mine === visit) busy = false;
  }

  /* One request; how long to wait before the next one, 0 for as the row says, null for none. */
  async function once(asked, began) {
    try {
      const answer = await fetch(`/probe/${ready().run}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...JSON.parse(asked), page, have }),
        signal: AbortSignal.timeout(PATIENCE_MS),
        cache: "no-store",
      });
      if (answer.status >= 500) throw new Error(`status ${answer.status}`);
      const news = await answer.json();
      if (!visible()) return null;
      if (news.state === "answered") show(news, began);
      else return told(news, answer.status, began);
      shown = asked;
      return null;
    } catch (unreachable) {
      wait("The server does not answer; trying again.");
      return RETRY_MS;
    }
  }

  function told(news, status, began) {
    if (status === 202) {
      if (performance.now() - began > SAY_AFTER_MS) wait(news.sentence || "The network is being asked.");
      return 0;
    }
    if (news.state === "refused" && shown !== null) {
      wait(news.sentence);
      $("probe-answers").classList.add("refused");
    } else note(news.sentence);
    return null;
  }

  /* ---- showing ---- */

  function note(sentence) {
    say("probe-note", { children: sentence, hidden: false });
    say("probe-bench", { hidden: true });
    wanted = null;
  }

  /* What is seen is not yet, or not, the answer to what the controls say. */
  function wait(sentence) {
    if (shown === null && $("probe-bench").hidden) return say("probe-note", { children: sentence });
    $("probe-answers").classList.add("old");
    say("probe-said", { children: sentence });
    say("probe-time", { children: "" });
  }

  function show(news, began) {
    if ($("probe-bench").hidden) {
      say("probe-note", { hidden: true });
      say("probe-bench", { hidden: false });
    }
    $("probe-answers").classList.remove("old", "refused");
    painting = began;
    for (const [id, props] of Object.entries(news.props)) say(id, props);
    for (const side of ["after", "before"]) if (news.figures[side]) window.spikedash.draw(`probe-${side}`, news.figures[side]);
    have = news.have;
    if (news.neurons.map(String).join() !== drawn.join()) {
      drawn = news.neurons.map(String);
      set("probe-neurons", { value: drawn });
    }
    window.requestAnimationFrame(() => SIDES.forEach(listen));
  }

  const plot = (side) => document.querySelector(`#probe-${side} .js-plotly-plot`);

  /* Zooming one side zooms the other, and the first picture after an answer stops the clock. */
  function listen(side) {
    const graph = plot(side);
    if (!graph || !graph.on) return void window.setTimeout(() => $(`probe-${side}`) && listen(side), 50);
    if (graph.dataset.listens) return;
    graph.dataset.listens = "yes";
    if (side === "after") {
      graph.on("plotly_afterplot", painted);
      painted();
    }
    graph.on("plotly_relayout", (change) => {
      const other = plot(SIDES.find((each) => each !== side));
      if (!other || !other.layout || !Object.keys(change).some((key) => /^[xy]axis\./.test(key))) return;
      const goal = {};
      for (const axis of ["xaxis", "yaxis"]) {
        const range = graph.layout[axis].range.slice();
        const now = other.layout[axis].range;
        if (range.some((end, k) => Math.abs(end - now[k]) > 1e-6)) goal[`${axis}.range`] = range;
      }
      if (Object.keys(goal).length) window.Plotly.relayout(other, goal);
    });
  }

  function painted() {
    if (painting === null) return;
    const seconds = (performance.now() - painting) / 1000;
    painting = null;
    say("probe-time", { children: `answered in ${seconds.toFixed(2)} s` });
    window.dispatchEvent(new CustomEvent("spikedash:probed", { detail: seconds }));
  }

  /* ---- the page ---- */

  function token() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(8));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // The address opens the tab and asks the question that it names, and then follows both.
  function link(now) {
    const address = window.spikedash.probeLink;
    if (tab) {
      address.write(now, values, ready().start);
      return now;
    }
    const named = address.tab();
    if (named === "probe") apply(address.question(ready().start));
    if (named && named !== now) {
      set("run-tabs", { value: named });
      window.setTimeout(() => $("run-tabs") && $("run-tabs").scrollIntoView({ block: "start" }), 60);
    }
    return named || now;
  }

  window.addEventListener("spikedash:leave", forget);
  window.addEventListener("spikedash:news", ({ detail }) => {
    const now = `${detail.run} ${detail.state}`;
    if ($("probe-note") && !$("probe-note").hidden && now !== standing) {
      standing = now;
      wanted = null;
      want();
    }
  });
  // On the playground: ways to the page of a finished run.
  window.addEventListener("spikedash:news", ({ detail }) => {
    if (!$("doors") || $("run-tabs")) return;
    const open = detail.state === "done" && Boolean(detail.run);
    say("doors", { hidden: !open });
    if (open) say("door-probe", { href: `/runs/${detail.run}#probe` });
  });
  window.addEventListener("hashchange", () => {
    if ($("run-tabs") && tab) {
      tab = "";
      link("");
    }
  });
  new MutationObserver(want).observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });

  const probe = {
    sync(position, value) {
      const triggered = window.dash_clientside.callback_context.triggered_id;
      const stops = triggered && ready().knobs[triggered.name].stops;
      if (!stops || !stops.length) return [no_update(), no_update()];
      if (triggered.type === "probe-slider") {
        return [no_update(), nearest(stops, value) === position && typeof value === "number" ? no_update() : stops[position]];
      }
      return [typeof value === "number" ? nearest(stops, value) : no_update(), no_update()];
    },

    changed(knobs, flags, now, presets) {
      const context = window.dash_clientside.callback_context;
      const next = {};
      context.inputs_list.slice(0, 2).flat().forEach((input) => {
        next[input.id.name] = input.value;
      });
      values = next;
      if (!tab && NARROW.matches) say("probe-fine", { open: false }); // the answer is seen beside the buttons
      page = page || token();
      const { start, knobs: about } = ready();
      tab = link(now);
      want();
      const hidden = context.outputs_list[0].map(({ id }) =>
        Object.entries(about[id.name].when).some(([other, allowed]) => !allowed.includes(next[`probe.${other}`]))
      );
      return [hidden, presets.map(({ name }) => String(same(goal(name), next))), same(start, next)];
    },

    preset() {
      const { triggered_id: id, triggered } = window.dash_clientside.callback_context;
      if (id && triggered[0].value) apply(goal(id.name));
    },

    undo(clicks) {
      if (clicks) apply(ready().start);
    },

    show(value) {
      const picked = (value || []).filter((text) => /^\d{1,9}$/.test(text));
      if (picked.join() === drawn.join() && picked.length === (value || []).length) return;
      chosen = picked.map(Number);
      want();
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { probe });
})();
