// The controls: sliders and numbers in step, rows that matter, presets, and settings that survive a reload.
(function () {
  const KEPT = "spikedash-settings";
  const QUIET_MS = 200; // the server is asked for an estimate when the controls have been still for this long
  let spec = null;
  let current = {};
  let preset = null;
  let timer = null;
  let booted = false;
  let restorable = null; // whether the button that leads back to the preset was last enabled
  let turn = 0; // counts the changes, so that an answer of the server can say which one it knows

  const no_update = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  function nearest(stops, value) {
    let best = 0;
    stops.forEach((stop, k) => {
      if (Math.abs(stop - value) < Math.abs(stops[best] - value)) best = k;
    });
    return best;
  }

  // As Python rounds, a half goes to the even side: the counts shown are the counts built.
  function round(value) {
    const low = Math.floor(value);
    if (value - low !== 0.5) return Math.round(value);
    return low % 2 === 0 ? low : low + 1;
  }

  function holds(when, values) {
    return Object.entries(when).every(([name, allowed]) => allowed.includes(values[name]));
  }

  /* Rows, counts and sentences are changed in the page itself: by way of Dash every one of them would have all components of the
     page look whether it concerns them. React leaves alone what it does not change. */
  const part = (type, name) => document.getElementById(`{"name":"${name}","type":"${type}"}`);

  // Ask Dash for the spec once it is in the page.
  function ready() {
    if (!spec) spec = window.dash_component_api.getLayout("spec").props.data;
    return spec;
  }

  // Put values into the controls; unknown names are left out.
  function apply(values) {
    for (const [name, value] of Object.entries(values)) {
      if (!(name in ready().knobs) || current[name] === value) continue;
      if (typeof value === "boolean") set({ type: "flag", name }, { checked: value });
      else set({ type: "knob", name }, { value });
    }
  }

  // Choose a preset from elsewhere, with some values of one's own; answers which settings change by it.
  function usePreset(name, more) {
    const goal = { ...ready().presets[name], ...more };
    const changes = Object.keys(goal).filter((key) => goal[key] !== current[key]);
    preset = name;
    set("preset", { value: name });
    apply(goal);
    tell();
    return changes.map((key) => [key, goal[key]]);
  }

  // What a link asks for: its preset, and every setting.
  function take(name, values) {
    preset = name;
    set("preset", { value: name });
    apply(values);
    tell();
  }

  function keep() {
    if (window.spikedash.lesson()) return; // a lesson's setting is nobody's own
    try {
      window.localStorage.setItem(KEPT, JSON.stringify({ preset, values: current }));
    } catch (refused) {
      // Without storage a reload starts from the preset.
    }
  }

  // Another page: the controls are made anew when the playground is visited again.
  window.addEventListener("spikedash:leave", () => {
    window.clearTimeout(timer);
    booted = false;
    restorable = null;
    spec = null;
    current = {};
  });

  // Settings of a link or of the last visit, once.
  function boot(start) {
    booted = true;
    preset = start;
    if (window.spikedash.linked()) return; // links.js takes them over as soon as the server has read them
    let kept = window.spikedash.latest.under("");
    try {
      kept = kept || JSON.parse(window.localStorage.getItem(KEPT));
    } catch (broken) {
      kept = null;
    }
    if (!kept || typeof kept.values !== "object") return;
    if (kept.preset in spec.presets && kept.preset !== preset) {
      preset = kept.preset;
      set("preset", { value: preset });
    }
    apply(kept.values);
  }

  function tell() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      keep();
      set("settings", { data: { ...current, turn } });
    }, QUIET_MS);
  }

  const controls = {
    sync(position, value) {
      const triggered = window.dash_clientside.callback_context.triggered_id;
      const stops = triggered && ready().knobs[triggered.name].stops;
      if (!stops || !stops.length) return [no_update(), no_update()];
      if (triggered.type === "slider") {
        return [no_update(), nearest(stops, value) === position && typeof value === "number" ? no_update() : stops[position]];
      }
      return [typeof value === "number" ? nearest(stops, value) : no_update(), no_update()];
    },

    changed(values, flags, drawn, recording, chosen) {
      const context = window.dash_clientside.callback_context;
      const next = {};
      context.inputs_list.slice(0, 2).flat().forEach((input) => {
        next[input.id.name] = input.value;
      });
      current = next;
      turn += 1;
      window.spikedash.remember();
      ready();
      if (!booted) boot(chosen);
      tell();
      for (const [name, { when }] of Object.entries({ ...spec.knobs, ...spec.rows })) {
        const row = part("row", name);
        if (row) row.hidden = !holds(when, next);
      }
      const n = Number(next["network.n"]) || 0;
      const excitatory = round((Number(next["network.frac_exc"]) || 0) * n);
      const { put } = window.spikedash;
      const count = (number) => number.toLocaleString("en-US");
      put(document.getElementById("count-exc"), `${count(excitatory)} E`);
      put(document.getElementById("count-inh"), `${count(n - excitatory)} I`);
      const goal = spec.presets[preset] || {};
      const same = Object.keys(goal).every((name) => goal[name] === next[name]);
      const before = restorable;
      restorable = !same;
      return before === restorable ? no_update() : same;
    },

    // A setting that is wrong says so below itself.
    judged(verdict) {
      if (!verdict) return;
      const { put } = window.spikedash;
      put(document.getElementById("estimate"), verdict.estimate);
      for (const name of Object.keys(ready().knobs)) put(part("wrong", name), name === verdict.place ? verdict.wrong : "");
    },

    choose(chosen) {
      if (chosen in ready().presets) {
        const again = window.dash_clientside.callback_context.triggered_id === "restore";
        if (chosen !== preset || again) {
          preset = chosen;
          apply(spec.presets[chosen]);
          tell();
        }
      }
    },

    fold(opened, navbar) {
      return { ...navbar, collapsed: { mobile: !opened } };
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { controls });
  window.dashMantineFunctions = Object.assign({}, window.dashMantineFunctions, {
    stop: (position, options) => options.stops[Math.round(position)],
  });
  window.spikedash = Object.assign({}, window.spikedash, {
    applySettings: apply,
    usePreset,
    takeSettings: take,
    settingsNow: () => ({ preset, values: current, turn }),
    spec: ready,
    holds,
  });
})();
