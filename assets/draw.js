/* Drawn targets: one curve per group of neurons, with undo, between the drawing pad and dcc.Store(id="drawn"). */
(function () {
  "use strict";
  const { build, pathOf, tidy, POINTS } = window.spikedashPad;
  const { build: buildTable, pointsOf, atTimes } = window.spikedashTable;
  const DEPTH = 100; // steps that undo remembers
  const SMOOTH = Array.from({ length: 15 }, (_, j) => Math.exp(-(((j - 7) / 2.5) ** 2) / 2)); // Gaussian, 2.5 points wide
  const ORDER = ["all", "first half", "second half", "excitatory", "inhibitory"]; // where groups overlap, the later one wins

  let curves = [], group = "all", limit = 1.5, duration = 1000;
  let past = [], future = [], lastTag = "", published = null, pad = null, table = null;
  const phases = {}; // "random phase" of groups without a curve; on unless switched off

  const $ = (id) => document.getElementById(id);
  const current = () => curves.find((curve) => curve.group === group);
  const props = (id, values) => window.dash_clientside.set_props(id, values);
  const nameOf = (name) => (name === "all" ? "all neurons" : `the ${name}${/half/.test(name) ? " of the neurons" : " neurons"}`);
  const say = (text) => { $("draw-said").textContent = text; };
  const phaseOf = (name) => (curves.find((curve) => curve.group === name) || { random_phase: phases[name] !== false }).random_phase;

  const plain = ({ group, values, random_phase, times_ms }) =>
    times_ms && times_ms.length ? { group, values, random_phase, times_ms } : { group, values, random_phase };
  const grid = () => Array.from({ length: POINTS }, (_, k) => (k / (POINTS - 1)) * duration);
  /* A curve on the grid of the pad. */
  const onGrid = (curve) => (curve.times_ms ? atTimes(curve, grid()).map(tidy) : curve.values);

  /* Every change passes here. Edits of one tag in a row count as one step for undo. */
  function change(next, tag = "") {
    if (!tag || tag === "stroke" || tag !== lastTag) past = [...past, curves].slice(-DEPTH);
    [lastTag, future] = [tag, []];
    apply(next);
  }

  function apply(next) {
    curves = [...next].sort((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group));
    published = curves.map(plain);
    props("drawn", { data: published });
    show();
  }

  /* Values on the pad's grid, or at times of their own. */
  function put(values, tag, times_ms) {
    change([...curves.filter((curve) => curve.group !== group), plain({ group, values, random_phase: phaseOf(group), times_ms })], tag);
  }

  function remove(name) {
    if (!curves.some((curve) => curve.group === name)) return;
    change(curves.filter((curve) => curve.group !== name));
    say(`Curve for ${nameOf(name)} removed.`);
  }

  function travel(from, to, word) {
    if (!from.length) return;
    to.push(curves);
    const next = from.pop(), has = (name) => next.some((curve) => curve.group === name);
    lastTag = "";
    if (next.length && !has(group)) group = next[next.length - 1].group;
    apply(next);
    say(word);
  }

  function smooth() {
    const values = onGrid(current());
    const at = (k) => values[Math.min(POINTS - 1, Math.max(0, k))];
    const total = SMOOTH.reduce((sum, weight) => sum + weight);
    put(values.map((_, k) => tidy(SMOOTH.reduce((sum, weight, j) => sum + weight * at(k + j - 7), 0) / total)));
    say("Smoothed.");
  }

  /* Starter curves; u runs from 0 to 1 over the pattern, the height from -1 to 1. */
  const STARTERS = {
    sine: (u) => Math.sin(4 * Math.PI * u),
    ramp: (u) => 2 * u - 1,
    bump: (u) => 1.4 * Math.exp(-(((u - 0.5) / 0.14) ** 2) / 2) - 0.4,
    steps: (u) => [-0.6, 0.3, 1, 0][Math.min(3, Math.floor(4 * u))],
  };
  function start(name) {
    put(Array.from({ length: POINTS }, (_, k) => tidy((2 / 3) * limit * STARTERS[name](k / (POINTS - 1)))));
    say(`A ${name} for ${nameOf(group)}.`);
  }

  const COMMANDS = {
    undo: () => travel(past, future, "Undone."),
    redo: () => travel(future, past, "Redone."),
    smooth: () => current() && smooth(),
    clear: () => remove(group),
  };
  const command = (name) => (COMMANDS[name] ? COMMANDS[name]() : start(name));

  /* Chips: one per curve with its shape in small; a press selects it, the cross removes it. */
  function listCurves() {
    const list = $("draw-list"), kept = new Map([...list.children].map((item) => [item.dataset.group, item]));
    const held = document.activeElement && list.contains(document.activeElement);
    list.replaceChildren(...curves.map((curve) => {
      const item = kept.get(curve.group) || chip(curve.group), [pick] = item.children;
      const values = onGrid(curve), highest = Math.max(0.1, ...values.map(Math.abs));
      pick.setAttribute("aria-pressed", curve.group === group);
      pick.querySelector("path").setAttribute("d", pathOf(values, { left: 1, right: 35, top: 2, bottom: 14 }, highest));
      return item;
    }));
    if (held && !list.contains(document.activeElement)) (list.querySelector("button") || $("draw-pad")).focus();
    $("draw-overlap").hidden = !overlapping();
  }

  function chip(name) {
    const item = document.createElement("li");
    item.dataset.group = name;
    item.innerHTML = '<button type="button" class="draw-pick"><svg aria-hidden="true" width="36" height="16"><path/></svg><span></span></button>' +
      '<button type="button" class="draw-drop">×</button>';
    const [pick, drop] = item.children;
    pick.querySelector("span").textContent = name === "all" ? "All" : name[0].toUpperCase() + name.slice(1);
    pick.setAttribute("aria-label", `Show the curve for ${nameOf(name)}`);
    drop.setAttribute("aria-label", `Remove the curve for ${nameOf(name)}`);
    pick.addEventListener("click", () => select(name));
    drop.addEventListener("click", () => remove(name));
    return item;
  }

  function overlapping() {
    const has = (name) => curves.some((curve) => curve.group === name);
    const halves = has("first half") || has("second half"), types = has("excitatory") || has("inhibitory");
    return (has("all") && curves.length > 1) || (halves && types);
  }

  function select(name) {
    group = name;
    lastTag = "";
    show();
  }

  function show() {
    const curve = current(), host = $("draw-pad");
    if (!pad || !host) return;
    host.dataset.group = group;
    host.setAttribute("aria-label", `Target curve for ${nameOf(group)}`);
    const others = curves.filter((other) => other.group !== group).map((other) => ({ group: other.group, values: onGrid(other) }));
    pad.show({ values: curve ? onGrid(curve) : null, others, limit, duration });
    table.show(curve ? pointsOf(curve, grid()) : [], duration, group);
    listCurves();
    props("draw-group", { value: group });
    props("draw-phase", { checked: phaseOf(group) });
    props("draw-undo", { disabled: !past.length });
    props("draw-redo", { disabled: !future.length });
    for (const id of ["draw-smooth", "draw-clear"]) props(id, { disabled: !curve });
  }

  /* The page may mount the panel after its callbacks ran, or mount it again. */
  function attach() {
    const host = $("draw-pad");
    if (!host) return requestAnimationFrame(attach);
    if (!host.querySelector("svg")) {
      pad = build(host, put, command);
      table = buildTable(
        (points) => (points.length < 2 ? command("clear") : put(points.map(([, v]) => v), "", points.map(([t]) => t))),
        command,
      );
    }
    show();
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    draw: {
      /* The store or the duration changed from outside: a link, a preset, another control. */
      sync(drawn, length) {
        if (drawn && drawn !== published && JSON.stringify(drawn) !== JSON.stringify(published)) {
          [curves, past, future, lastTag, published] = [drawn.map(plain), [], [], "", drawn];
          if (curves.length && !current()) group = curves[0].group;
          const highest = Math.max(0, ...curves.flatMap((curve) => curve.values.map(Math.abs)));
          const fitting = [1.5, 3, 6, 20].find((most) => highest <= most) || 20;
          if (fitting > limit) { limit = fitting; props("draw-limit", { value: String(limit) }); }
        }
        if (length > 0) duration = length;
        attach();
      },
      press() {
        const { triggered_id } = window.dash_clientside.callback_context;
        if (triggered_id && pad) command(triggered_id.replace(/^draw-(from-)?/, ""));
      },
      choose(name) {
        if (name && name !== group) select(name);
      },
      phase(on) {
        if (on === phaseOf(group)) return;
        phases[group] = on;
        if (current()) change(curves.map((curve) => (curve.group === group ? { ...curve, random_phase: on } : curve)));
      },
      scale(value) {
        limit = Number(value) || limit;
        show();
      },
    },
  });
})();
