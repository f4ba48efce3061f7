/* The table beside the drawing pad: the points of one curve, to be typed, pasted, added and removed. */
(function () {
  "use strict";
  const HIGHEST = 20, MOST = 512, CLOSE = 0.01; // drive; points, as params.Curve accepts; how far a drawn curve may be from its points

  const $ = (id) => document.getElementById(id);
  const shown = (value) => String(Math.round(value * 1000) / 1000 + 0).replace("-", "−");
  const count = (value) => value.toLocaleString("en");

  /* Values of a curve with times of its own at other times (ms, rising): straight between its points, level outside. */
  function atTimes({ times_ms, values }, times) {
    let k = 0;
    return times.map((t) => {
      while (k < times_ms.length - 2 && times_ms[k + 1] < t) k += 1;
      const share = (t - times_ms[k]) / (times_ms[k + 1] - times_ms[k]);
      return values[k] + (values[k + 1] - values[k]) * Math.min(1, Math.max(0, share));
    });
  }

  /* The points of a curve; those of a drawn one are as few as keep it (Ramer, Douglas and Peucker). */
  function pointsOf(curve, grid) {
    if (curve.times_ms) return curve.times_ms.map((t, k) => [t, curve.values[k]]);
    const v = curve.values, times = v.length === grid.length ? grid : v.map((_, k) => (k / (v.length - 1)) * grid[grid.length - 1]);
    const kept = new Set([0, v.length - 1]), open = [[0, v.length - 1]];
    while (open.length) {
      const [a, b] = open.pop();
      let far = a, most = CLOSE;
      for (let k = a + 1; k < b; k++) {
        const off = Math.abs(v[k] - (v[a] + ((v[b] - v[a]) * (k - a)) / (b - a)));
        if (off > most) [far, most] = [k, off];
      }
      if (far !== a) {
        kept.add(far);
        open.push([a, far], [far, b]);
      }
    }
    return [...kept].sort((a, b) => a - b).map((k) => [Math.round(times[k]), v[k]]);
  }

  /* A number as people write it: decimal point or comma, any minus sign. */
  function read(text) {
    const plain = text.trim().replace("−", "-").replace(/^([+-]?\d*),(\d+)$/, "$1.$2");
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
  }

  /* What a spreadsheet puts on the clipboard: rows of cells. */
  function cells(text) {
    const lines = text.replace(/^\ufeff/, "").split(/\r\n?|\n/).filter((line) => line.trim() !== "");
    const has = (mark) => lines.some((line) => line.includes(mark));
    const between = has("\t") ? "\t" : has(";") ? ";" : lines.every((line) => /,\s/.test(line) || (line.match(/,/g) || []).length === 1 && !/^\s*[+−-]?\d+,\d+\s*$/.test(line)) ? "," : /\s+/;
    return lines.map((line) => (typeof between === "string" ? line : line.trim()).split(between).map((cell) => cell.trim()));
  }

  /* Points of pasted text, and what was made of it: {points, said} or {wrong}. */
  function pasted(text, duration) {
    let rows = cells(text), said = "";
    const wide = Math.max(...rows.map((row) => row.length));
    if (wide > 2) return { wrong: `What was pasted has ${wide} columns; copy two, time in ms and drive.` };
    const first = rows[0].map(read);
    if (rows.length > 1 && first.every(Number.isNaN)) {
      rows = rows.slice(1);
      said = "The first row was left out as a heading. ";
    }
    const ragged = rows.findIndex((row) => row.length !== wide);
    if (ragged >= 0) return { wrong: `Row ${ragged + 1} of what was pasted has ${rows[ragged].length} of ${wide} cells; fill it or leave it out.` };
    if (wide === 1) {
      rows = rows.map(([cell], k) => [String((k / Math.max(1, rows.length - 1)) * duration), cell]);
      said += `One column: ${count(rows.length)} values, spread evenly over the pattern. `;
    }
    let points = rows.map((row) => row.map(read));
    const rising = (list) => list.every(([t], k) => k === 0 || t > list[k - 1][0]);
    if (!rising(points)) { // 1,000 may be a thousand
      const other = rows.map(([t, v]) => [/^\d{1,3}(,\d{3})+$/.test(t) ? Number(t.replaceAll(",", "")) : read(t), read(v)]);
      if (rising(other)) {
        points = other;
        said += "Commas in times were read as thousands. ";
      }
    }
    for (let k = 0; k < points.length; k++) {
      const odd = points[k].findIndex(Number.isNaN);
      if (odd >= 0) return { wrong: `Row ${k + 1} of what was pasted: ${rows[k][odd] ? `“${rows[k][odd].slice(0, 20)}” is no number` : "a cell is empty"}; give a time in ms and a drive.` };
    }
    if (!rising(points)) {
      points.sort((a, b) => a[0] - b[0]);
      said += "Sorted by time. ";
    }
    return { points, said: `${said}${count(points.length)} points pasted.` };
  }

  /* What is wrong with points that rise in time: a sentence, or nothing. */
  function problem(points) {
    if (points.length > MOST) return `There are ${count(points.length)} points; a curve has at most ${MOST}.`;
    for (let k = 0; k < points.length; k++) {
      const [t, v] = points[k];
      if (t < 0 || t > 10000) return `A point is at ${shown(t)} ms; times lie between 0 and 10,000 ms.`;
      if (Math.abs(v) > HIGHEST) return `The drive at ${shown(t)} ms is ${shown(v)}; it must lie between −${HIGHEST} and ${HIGHEST}.`;
      if (k && t === points[k - 1][0]) return `Two points are at ${shown(t)} ms; a curve has one value at a time.`;
    }
    return "";
  }

  /* Builds the table; `changed(points)` hears of every finished edit, `command` of undo and redo. */
  function build(changed, command) {
    let points = [], duration = 1000, wanted = null; // wanted: the cell that has the focus after the next drawing
    const host = $("draw-table");
    host.innerHTML = '<div class="draw-rows"><table><thead><tr><th scope="col">Time <span>ms</span></th><th scope="col">Drive</th><td></td></tr></thead><tbody></tbody></table></div>' +
      '<button type="button" class="draw-plain draw-add">Add a point</button>';
    const body = host.querySelector("tbody"), add = host.querySelector(".draw-add");

    function tell(wrong, said = "") {
      $("draw-table-wrong").textContent = wrong;
      $("draw-table-said").textContent = said;
      $("draw-table-seconds").hidden = true;
    }

    function row(k) {
      const made = document.createElement("tr");
      made.innerHTML = '<td><input inputmode="decimal" autocomplete="off"></td><td><input inputmode="decimal" autocomplete="off"></td><td><button type="button" class="draw-drop">×</button></td>';
      const [time, drive] = made.querySelectorAll("input");
      time.setAttribute("aria-label", `Time of point ${k + 1} in ms`);
      drive.setAttribute("aria-label", `Drive of point ${k + 1}`);
      made.querySelector("button").setAttribute("aria-label", `Remove point ${k + 1}`);
      return made;
    }

    function draw() {
      while (body.rows.length > points.length) body.lastElementChild.remove();
      while (body.rows.length < points.length) body.append(row(body.rows.length));
      points.forEach((point, k) => {
        body.rows[k].querySelectorAll("input").forEach((input, j) => {
          input.value = input.defaultValue = shown(point[j]);
          input.removeAttribute("aria-invalid");
        });
      });
      if (wanted && body.rows.length) {
        const target = body.rows[Math.min(wanted.k, body.rows.length - 1)].querySelectorAll("input, button")[wanted.j];
        target.focus();
        if (target.select) target.select();
      }
      wanted = null;
    }

    const placeOf = (element) => ({ k: element.closest("tr").sectionRowIndex, j: [...element.closest("tr").querySelectorAll("input, button")].indexOf(element) });

    /* Sorted by time and handed on, if nothing is wrong. */
    function settle(next, said = "") {
      const sorted = [...next].sort((a, b) => a[0] - b[0]);
      const wrong = problem(sorted);
      if (wrong) return tell(wrong), false;
      points = sorted;
      const late = sorted.filter(([t]) => t > duration).length;
      tell("", said + (late ? ` ${count(late)} after the end of the pattern at ${count(duration)} ms, not used.` : ""));
      const last = sorted.length ? sorted[sorted.length - 1][0] : 0;
      $("draw-table-seconds").hidden = !(said && last <= 10 && last > 0 && duration >= 50 * last);
      changed(sorted);
      return true;
    }

    /* All cells as they stand; false where one is no number. */
    function commit() {
      const next = [];
      for (const line of body.rows) {
        const inputs = [...line.querySelectorAll("input")], numbers = inputs.map((input) => read(input.value));
        const odd = numbers.findIndex(Number.isNaN);
        if (odd >= 0) {
          inputs[odd].setAttribute("aria-invalid", "true");
          const text = inputs[odd].value.trim().slice(0, 20), what = odd ? "a drive such as −0.5" : "a time in ms such as 250";
          return tell(`Point ${line.sectionRowIndex + 1}: ${text ? `“${text}” is no number` : "a cell is empty"}; write ${what}.`), false;
        }
        next.push(numbers);
      }
      const before = JSON.stringify(points);
      if (JSON.stringify(next) === before) return tell(""), true;
      return settle(next);
    }

    function more() {
      if (!points.length) {
        wanted = { k: 0, j: 1 };
        return settle([[0, 0], [duration, 0]]);
      }
      const [t, v] = points[points.length - 1], before = points.length > 1 ? points[points.length - 2][0] : 0;
      if (t < duration) {
        wanted = { k: points.length, j: 0 };
        return settle([...points, [Math.min(duration, t + Math.max(1, t - before)), v]]);
      }
      // No room at the end: in the middle of the widest gap.
      let k = 1;
      for (let j = 2; j < points.length; j++) if (points[j][0] - points[j - 1][0] > points[k][0] - points[k - 1][0]) k = j;
      const middle = (j) => Math.round(500 * (points[k - 1][j] + points[k][j])) / 1000;
      wanted = { k, j: 0 };
      return settle([...points, [middle(0), middle(1)]]);
    }

    host.addEventListener("change", (event) => { if (event.target.matches("input")) commit(); });

    host.addEventListener("keydown", (event) => {
      const { target, key } = event;
      if (!target.matches("input, .draw-drop")) return;
      const place = placeOf(target), control = event.ctrlKey || event.metaKey;
      if (control && /^[zy]$/i.test(key)) {
        if (target.matches("input") && target.value !== target.defaultValue) return; // what was typed comes first
        command(key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo");
      } else if (key === "ArrowDown" || key === "ArrowUp" || (key === "Enter" && target.matches("input"))) {
        if (target.matches("input") && !commit()) return event.preventDefault();
        const k = place.k + (key === "ArrowUp" ? -1 : 1);
        if (k >= body.rows.length && key === "Enter") more();
        else if (k >= 0 && k < body.rows.length) {
          const next = body.rows[k].querySelectorAll("input, button")[place.j];
          next.focus();
          if (next.select) next.select();
        }
      } else return;
      event.preventDefault();
    });

    host.addEventListener("click", (event) => {
      const drop = event.target.closest(".draw-drop");
      if (!drop) return;
      const { k } = placeOf(drop);
      wanted = { k, j: 2 };
      settle(points.filter((_, j) => j !== k), `Point ${k + 1} removed.`);
      if (!body.rows.length) add.focus();
    });
    add.addEventListener("click", more);

    host.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      if (event.target.matches("input") && !/[\t\n\r;]/.test(text.trim())) return; // one cell
      event.preventDefault();
      const found = pasted(text, duration);
      if (found.wrong) return tell(found.wrong);
      if (found.points.length < 2) return tell("One point makes no curve; copy at least two rows.");
      if (event.target.closest("tr")) wanted = placeOf(event.target);
      settle(found.points, found.said);
    });

    $("draw-table-seconds").addEventListener("click", () => {
      settle(points.map(([t, v]) => [t * 1000, v]), "Times were taken as seconds.");
      (body.querySelector("input") || add).focus();
    });

    host.tabIndex = -1; // so that a click beside the cells lets the table take what is pasted
    let of = "";
    return {
      show(next, length, group) {
        if (group !== of || JSON.stringify(next) !== JSON.stringify(points)) {
          if (group !== of) tell("");
          [points, of] = [next, group];
        }
        duration = length;
        draw();
      },
    };
  }

  window.spikedashTable = { build, pointsOf, atTimes };
})();
