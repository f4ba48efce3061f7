/* The drawing pad: one curve on a fixed time grid, shown as SVG and changed by pointer strokes and keys. */
(function () {
  "use strict";
  const POINTS = 128;
  const EDGE = { left: 36, right: 12, top: 22, bottom: 34 };
  const LOWEST = -20, HIGHEST = 20; // what params.Curve accepts

  function node(parent, name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  // No negative zero: it would not survive JSON, and dcc.Store would then write again and again.
  const tidy = (value) => Math.round(Math.min(HIGHEST, Math.max(LOWEST, value)) * 1000) / 1000 + 0;

  /* 1, 2 or 5 times a power of ten, such that at most `most` steps fit into `span`. */
  function roundStep(span, most) {
    const size = 10 ** Math.floor(Math.log10(span / most));
    return size * [1, 2, 5, 10].find((m) => span / (m * size) <= most);
  }

  /* Linear path through values (length POINTS) between the two corners of `box`, px. */
  function pathOf(values, box, limit) {
    const dx = (box.right - box.left) / (POINTS - 1), middle = (box.top + box.bottom) / 2;
    const scale = (box.bottom - box.top) / 2 / limit;
    return "M" + values.map((v, k) => `${(box.left + k * dx).toFixed(1)},${(middle - v * scale).toFixed(1)}`).join("L");
  }

  /* Builds a pad inside `host`. `changed(values, tag)` hears of every finished edit; edits of one tag belong together. */
  function build(host, changed, command) {
    let values = null, others = [], limit = 1.5, duration = 1000;
    let cursor = 0, stroke = null, box = null, queued = false;
    const svg = node(host, "svg", { "aria-hidden": "true", focusable: "false" });
    const clip = node(node(node(svg, "defs", {}), "clipPath", { id: "draw-clip" }), "rect", {});
    const axes = node(svg, "g", { class: "draw-axes" });
    const plot = node(svg, "g", { "clip-path": "url(#draw-clip)" });
    const ghosts = node(plot, "g", {});
    const line = node(plot, "path", { class: "draw-curve" });
    const point = node(svg, "circle", { class: "draw-cursor", r: 5 });
    const hint = node(svg, "text", { class: "draw-hint", "text-anchor": "middle" });
    const readout = node(svg, "text", { class: "draw-readout", "text-anchor": "end", y: 14 });

    const timeOf = (k) => Math.round((k / (POINTS - 1)) * duration);
    const xOf = (k) => box.left + (k / (POINTS - 1)) * (box.right - box.left);
    const yOf = (v) => box.top + ((limit - v) / (2 * limit)) * (box.bottom - box.top);

    function drawAxes() {
      axes.replaceChildren();
      const step = roundStep(duration, Math.max(2, Math.floor((box.right - box.left) / 58)));
      for (let t = 0; t <= duration + 1e-6; t += step) {
        const x = xOf((t / duration) * (POINTS - 1));
        node(axes, "line", { x1: x, x2: x, y1: box.top, y2: box.bottom });
        node(axes, "text", { x, y: box.bottom + 14, "text-anchor": x > box.right - 12 ? "end" : "middle" }, t.toLocaleString("en"));
      }
      for (let j = -3; j <= 3; j++) {
        const v = (limit * j) / 3, y = yOf(v);
        node(axes, "line", { x1: box.left, x2: box.right, y1: y, y2: y, class: j ? "" : "draw-zero" });
        node(axes, "text", { x: box.left - 6, y: y + 4, "text-anchor": "end" }, String(v).replace("-", "−"));
      }
      node(axes, "text", { x: 4, y: 14, class: "draw-title" }, "drive");
      node(axes, "text", { x: (box.left + box.right) / 2, y: box.bottom + 29, "text-anchor": "middle", class: "draw-title" }, "time (ms)");
    }

    function layOut() {
      const width = host.clientWidth, height = host.clientHeight;
      if (!width || !height) return;
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      box = { left: EDGE.left, right: width - EDGE.right, top: EDGE.top, bottom: height - EDGE.bottom };
      const frame = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
      for (const key in frame) clip.setAttribute(key, frame[key]);
      drawAxes();
      ghosts.replaceChildren();
      for (const other of others) node(ghosts, "path", { class: "draw-ghost", "data-group": other.group, d: pathOf(other.values, box, limit) });
      paint();
    }

    function paint() {
      queued = false;
      if (!box) return;
      line.setAttribute("d", values ? pathOf(values, box, limit) : "");
      hint.replaceChildren();
      if (!values) {
        const x = (box.left + box.right) / 2, y = box.top + (box.bottom - box.top) * 0.3;
        node(hint, "tspan", { x, y, class: "draw-hint-first" }, "Draw here");
        node(hint, "tspan", { x, dy: 17 }, "time goes right, drive goes up");
      }
      const value = values ? values[cursor] : 0;
      point.setAttribute("cx", xOf(cursor));
      point.setAttribute("cy", yOf(Math.max(-limit, Math.min(limit, value))));
      host.setAttribute("aria-valuemin", -limit);
      host.setAttribute("aria-valuemax", limit);
      host.setAttribute("aria-valuenow", value);
      host.setAttribute("aria-valuetext", `${timeOf(cursor)} ms, drive ${value}`);
    }

    function repaint() {
      if (!queued) { queued = true; requestAnimationFrame(paint); }
    }

    function say(k, v) {
      readout.setAttribute("x", box.right);
      readout.textContent = k === null ? "" : `${timeOf(k).toLocaleString("en")} ms · ${v.toFixed(2).replace("-", "−")}`;
    }

    /* Where an event is: fractional grid index and drive, held inside the plot. */
    function place(event, bounds) {
      const x = (event.clientX - bounds.left - box.left) / (box.right - box.left);
      const y = (event.clientY - bounds.top - box.top) / (box.bottom - box.top);
      const inside = (share) => Math.min(1, Math.max(0, share));
      return { k: inside(x) * (POINTS - 1), v: limit * (1 - 2 * inside(y)) };
    }

    function set(k, v) {
      values[k] = tidy(v);
      if (!stroke || !stroke.first) return;
      // The first stroke on an empty pad goes on level to both ends, so that it leaves no cliff.
      stroke.low = Math.min(stroke.low, k);
      stroke.high = Math.max(stroke.high, k);
      values.fill(values[stroke.low], 0, stroke.low).fill(values[stroke.high], stroke.high + 1);
    }

    /* Every grid point between two pointer samples, by linear interpolation. */
    function connect(from, to) {
      const low = Math.ceil(Math.min(from.k, to.k)), high = Math.floor(Math.max(from.k, to.k));
      for (let k = low; k <= high; k++) set(k, to.k === from.k ? to.v : from.v + ((to.v - from.v) * (k - from.k)) / (to.k - from.k));
    }

    host.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0 || !box) return;
      host.setPointerCapture(event.pointerId);
      const bounds = svg.getBoundingClientRect(), at = place(event, bounds), k = Math.round(at.k);
      stroke = { id: event.pointerId, bounds, at, first: !values, low: k, high: k, before: values };
      window.spikedash.drawing = true;
      values = values ? values.slice() : new Array(POINTS).fill(0);
      set(k, at.v);
      say(at.k, at.v);
      repaint();
    });

    host.addEventListener("pointermove", (event) => {
      if (!box) return;
      if (!stroke || event.pointerId !== stroke.id) {
        if (event.pointerType !== "touch") { const at = place(event, svg.getBoundingClientRect()); say(at.k, at.v); }
        return;
      }
      const coalesced = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const sample of coalesced.length ? coalesced : [event]) {
        const at = place(sample, stroke.bounds);
        connect(stroke.at, at);
        stroke.at = at;
      }
      say(stroke.at.k, stroke.at.v);
      repaint();
    });

    function finish(event) {
      if (!stroke || event.pointerId !== stroke.id) return;
      if (event.type === "pointercancel") values = stroke.before;
      else { cursor = Math.round(stroke.at.k); set(cursor, stroke.at.v); }
      const made = event.type !== "pointercancel";
      stroke = null;
      window.spikedash.drawing = false;
      repaint();
      if (made) changed(values.slice(), "stroke");
    }
    host.addEventListener("pointerup", finish);
    host.addEventListener("pointercancel", finish);
    host.addEventListener("pointerleave", () => { if (!stroke && box) say(null); });

    /* Keys: left and right move in time (with Shift they draw on level), up and down change the value. */
    host.addEventListener("keydown", (event) => {
      const key = event.key, heights = { ArrowUp: limit / 30, ArrowDown: -limit / 30, PageUp: limit / 3, PageDown: -limit / 3 };
      const times = { ArrowLeft: cursor - 1, ArrowRight: cursor + 1, Home: 0, End: POINTS - 1 };
      const control = event.ctrlKey || event.metaKey;
      if (control && key.toLowerCase() === "z") command(event.shiftKey ? "redo" : "undo");
      else if (control && key.toLowerCase() === "y") command("redo");
      else if (control || event.altKey) return;
      else if (key === "Delete" || key === "Backspace") command("clear");
      else if (key in heights) {
        values = values ? values.slice() : new Array(POINTS).fill(0);
        set(cursor, Math.min(limit, Math.max(-limit, values[cursor] + heights[key])));
        changed(values.slice(), `point ${cursor}`);
      } else if (key in times) {
        const start = { k: cursor, v: values ? values[cursor] : 0 };
        cursor = Math.min(POINTS - 1, Math.max(0, times[key]));
        if (event.shiftKey && values) {
          values = values.slice();
          connect(start, { k: cursor, v: start.v });
          changed(values.slice(), "level");
        }
      } else return;
      event.preventDefault();
      repaint();
    });

    new ResizeObserver(layOut).observe(host);
    return {
      /* News from elsewhere leave a stroke alone; when it ends, it goes on top of them. */
      show(next) {
        const mine = values;
        ({ values, others, limit, duration } = next);
        if (stroke) [stroke.before, values] = [values, mine];
        layOut();
      },
    };
  }

  // Whatever goes on, another page is no stroke.
  window.addEventListener("spikedash:leave", () => { window.spikedash.drawing = false; });

  window.spikedashPad = { build, pathOf, tidy, POINTS };
})();
