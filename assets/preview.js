/* What some neurons shall do: one row per neuron on a common scale, beside each its number and type. */
(function () {
  "use strict";
  const ROW = 32, FOOT = 20, RIGHT = 4, LETTER = 6.8;
  let last = null;

  function node(parent, name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  const number = (value) => Number(value.toPrecision(2)).toLocaleString("en").replace("-", "−");

  const kind = (aim, k) => aim.kinds[k];

  function draw(host, aim) {
    const width = host.clientWidth, rows = aim.curves.length, height = rows * ROW + FOOT;
    if (!width) return;
    host.replaceChildren();
    const svg = node(host, "svg", { viewBox: `0 0 ${width} ${height}`, height, width, "aria-hidden": "true" });
    const labels = aim.curves.map((_, k) => [kind(aim, k), aim.neurons[k]].filter(Boolean).join(" "));
    const left = Math.max(8, Math.max(...labels.map((label) => label.length)) * LETTER + 10), right = width - RIGHT, signed = aim.unit !== "Hz";
    aim.curves.forEach((curve, k) => {
      const top = k * ROW + 2, bottom = top + ROW - 4, zero = signed ? (top + bottom) / 2 : bottom;
      const scale = (signed ? (bottom - top) / 2 : bottom - top) / aim.most;
      const step = (right - left) / curve.length;
      node(svg, "line", { x1: left, x2: right, y1: zero, y2: zero, class: "aim-zero" });
      const d = curve.map((v, j) => `${(left + j * step).toFixed(1)},${(zero - v * scale).toFixed(1)}`).join("L");
      node(svg, "path", { d: `M${d}`, class: `aim-curve ${kind(aim, k)}` });
      node(svg, "text", { x: left - 8, y: (top + bottom) / 2 + 4, "text-anchor": "end", class: `aim-who ${kind(aim, k)}` }, labels[k]);
    });
    const y = height - 6;
    node(svg, "text", { x: left, y }, "0");
    node(svg, "text", { x: right, y, "text-anchor": "end" }, `${aim.duration.toLocaleString("en")} ms`);
    node(svg, "text", { x: (left + right) / 2, y, "text-anchor": "middle" }, signed ? `rows ±${number(aim.most)} drive` : `rows 0 to ${number(aim.most)} Hz`);
  }

  function name(aim) {
    const flat = aim.curves.flat(), low = Math.min(...flat), high = Math.max(...flat);
    const which = aim.neurons[0] ? `neurons ${aim.neurons.join(", ")}` : `${aim.curves.length} neurons`;
    return `Targets of ${which} over ${aim.duration.toLocaleString("en")} ms, from ${number(low)} to ${number(high)} ${aim.unit}`;
  }

  const preview = {
    /* An example beside the field of the formula. */
    use() {
      const button = document.getElementById(window.dash_clientside.callback_context.triggered_id);
      window.dash_clientside.set_props({ type: "knob", name: "target.formula" }, { value: button.dataset.formula });
    },

    /* Settings changed: an answer that takes its time leaves a faint picture of what was. */
    wait(settings) {
      const host = document.getElementById("aim-picture");
      if (host && settings) host.classList.add("aim-late");
    },

    show(aim) {
      const host = document.getElementById("aim-picture");
      if (!aim || !host) return "";
      host.classList.remove("aim-late");
      last = aim.curves ? aim : aim.wrong === undefined ? null : last; // while something is wrong, what was right stays, faintly
      host.hidden = !last;
      host.classList.toggle("aim-old", aim.wrong !== undefined);
      if (last) {
        host.setAttribute("aria-label", name(last));
        draw(host, last);
        if (!host.dataset.seen) {
          host.dataset.seen = "yes";
          new ResizeObserver(() => last && draw(host, last)).observe(host);
        }
      }
      return aim.wrong || aim.note || "";
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { preview });
})();
