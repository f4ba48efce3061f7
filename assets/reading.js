/* How the uploaded file is read: shows what the reader guessed, and sends the file again when a field is changed. */
(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const spec = () => JSON.parse($("reading-spec").dataset.spec);
  let sent = "{}"; // the choices of the last reading, as JSON
  let settled = true; // false while the fields of a new file are being filled, one after another

  /* Only what was chosen. */
  function chosen(values) {
    const { keys } = spec();
    const found = {};
    keys.forEach((key, k) => {
      const value = values[k];
      if (value !== null && value !== undefined && String(value).trim() !== "") found[key] = String(value).trim();
    });
    return found;
  }

  function changed(...values) {
    const choices = chosen(values);
    settled = settled || JSON.stringify(choices) === sent;
    if (!settled) return;
    // A field of trials must not hinder the reading of a file that the unit alone can mend.
    if (choices.unit === "samples" && !choices.sampling_hz) {
      $("reading-row-sampling_hz").hidden = false;
      $("reading-wrong").textContent = "Give the sampling rate too, such as 30000 Hz.";
      return;
    }
    const now = JSON.stringify(choices);
    if (now === sent) return;
    sent = now;
    window.spikedash.again(choices);
  }

  /* A file is about to be read for the first time: nothing is chosen, or what was chosen for it before. */
  function begin(choices) {
    sent = JSON.stringify(choices);
    const value = (key) => (window.dash_component_api.getLayout(`reading-${key}`).props || {}).value;
    settled = JSON.stringify(chosen(spec().keys.map(value))) === sent;
    for (const key of spec().keys) set(`reading-${key}`, { value: choices[key] ?? (spec().words[key] ? null : "") });
    $("reading-wrong").textContent = "";
    $("reading-said").textContent = "";
  }

  function told(key, value) {
    const words = spec().words[key];
    if (value === undefined || value === "") return "";
    return (words && words[value]) || String(value);
  }

  function show(recording, file, unit) {
    const { keys, offered } = spec();
    const known = (recording && recording.choices) || {};
    const menu = (recording && recording.menu) || {};
    const here = Boolean(file);
    const failed = here && file.failed;
    const empty = { min_hz: "0", neurons: "all", first: "all", smooth_ms: "none", trials: "all", from_s: "start", to_s: "end", rows: "guess", bin_ms: "as in the file" };
    const span = menu.span;
    if (span) [empty.from_s, empty.to_s] = span.map((x) => String(Math.round(x * 1000) / 1000));
    const guesses = keys.map((key) => told(key, known[key]) || empty[key] || "guess");
    const data = offered.map((key) => menu[key] || []);
    const hidden = keys.map((key) => {
      if (key === "sampling_hz") return unit !== "samples" && known.unit !== "samples";
      if (key === "align" || key === "trials") return !(menu[key] || []).length;
      if (key === "array") return !failed && (menu.array || []).length < 2;
      if (key === "time") return !failed && !(menu.time || []).length;
      return false;
    });
    const there = Boolean(recording && recording.id);
    const hint = here ? "Grey words are guesses; what you enter is used at once." : "To change this, choose the file again.";
    return [...guesses, ...data, ...hidden, !there && !failed, !here, hint];
  }

  window.spikedash = Object.assign(window.spikedash || {}, { begin });
  window.dash_clientside = Object.assign({}, window.dash_clientside, { reading: { changed, show } });
})();
