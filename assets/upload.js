/* Sends a recording to the server: checked before anything leaves the browser, with progress, one file at a time. */
(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);
  let running = null; // the request under way
  let last = null; // the file that was sent last, to read it again in another way

  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const holdsFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  const megabytes = (bytes) => Math.round(bytes / 2 ** 20).toLocaleString("en");

  /* What is wrong with a file as far as its name and size tell: a sentence, or nothing. */
  function problem(file) {
    const { most, endings } = $("upload-area").dataset, dot = file.name.lastIndexOf(".");
    const ending = dot > 0 ? file.name.slice(dot).toLowerCase() : "";
    if (!endings.split(" ").includes(ending)) {
      const which = ending ? `names ending in ${ending}` : "names without an ending";
      return `${file.name}: files with ${which} are not read; give .csv, .tsv, .npz, .mat, .nwb or .h5.`;
    }
    if (file.size === 0) return `${file.name}: the file is empty; it needs a time column and one column of rates in Hz per neuron.`;
    if (file.size > Number(most)) {
      return `${file.name}: the file has ${megabytes(file.size)} MB, above the limit of ${megabytes(most)} MB; leave out neurons or use wider time bins.`;
    }
    return "";
  }

  function busy(text, share) {
    $("upload-busy").hidden = !text;
    $("upload-area").setAttribute("aria-busy", Boolean(text));
    $("upload-said").textContent = text;
    if (share === undefined) $("upload-bar").removeAttribute("value");
    else $("upload-bar").value = share;
  }

  /* The recording before, if any, and all settings stay as they were. */
  function fail(sentence) {
    busy("");
    $("upload-error").textContent = sentence;
  }

  function cancel() {
    if (running) running.abort();
    running = null;
    busy("");
    $("reading-said").textContent = "";
  }

  function send(file) {
    cancel();
    fail(problem(file));
    if ($("upload-error").textContent) return;
    const before = recording();
    const choices = (before && before.name === file.name && !last && before.given) || {}; // chosen again after a reload
    last = file;
    set("reading-file", { data: null });
    window.spikedash.begin(choices);
    post(file, choices, { busy, fail: (sentence) => { fail(sentence); set("reading-file", { data: { failed: true } }); } });
  }

  /* The same file, read in another way; a reading that fails leaves the one before. */
  function again(choices) {
    if (!last) return;
    if (running) running.abort();
    const said = (text) => { $("reading-said").textContent = text; };
    $("reading-wrong").textContent = "";
    post(last, choices, {
      busy: (text) => said(text && "reading again …"),
      fail: (sentence) => { said(""); $("reading-wrong").textContent = sentence; },
    });
  }

  function recording() {
    return (window.dash_component_api.getLayout("recording").props || {}).data;
  }

  function post(file, choices, { busy, fail }) {
    const request = new XMLHttpRequest(); // fetch tells nothing of what is already sent
    running = request;
    const mine = (act) => (event) => { if (running === request) act(event); };
    busy(`Sending ${file.name}`, 0);
    request.upload.onprogress = mine((event) => busy(`Sending ${file.name}`, event.loaded / event.total));
    request.upload.onload = mine(() => busy(`Reading ${file.name}`));
    request.onload = mine(() => {
      running = null;
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch (refused) { /* no JSON: something between us and the server */ }
      if (request.status === 200 && answer.id) {
        busy("");
        $("upload-error").textContent = "";
        set("recording", { data: { ...answer, given: choices } });
        set("reading-file", { data: { failed: false } });
      } else fail(answer.error || `${file.name}: the server could not take the file (status ${request.status}); try again.`);
    });
    request.onerror = mine(() => {
      running = null;
      fail(`${file.name}: the file could not be sent; check that it still exists and that the server runs, then try again.`);
    });
    const how = encodeURIComponent(JSON.stringify(choices));
    request.open("POST", `/upload?name=${encodeURIComponent(file.name)}&choices=${how}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  }

  function take(files) {
    if (files.length > 1) fail("Give one file at a time; its columns are the neurons.");
    else if (files.length) send(files[0]);
  }

  function attach() {
    const area = $("upload-area");
    if (!area) return void requestAnimationFrame(attach);
    if (area.dataset.ready) return;
    area.dataset.ready = "yes";
    const chooser = document.createElement("input");
    Object.assign(chooser, { type: "file", hidden: true, accept: area.dataset.endings.split(" ").join(",") });
    area.after(chooser);
    chooser.addEventListener("change", () => { take(chooser.files); chooser.value = ""; });
    area.addEventListener("click", () => chooser.click());
    area.addEventListener("dragover", (event) => { if (holdsFiles(event)) area.classList.add("upload-over"); });
    area.addEventListener("dragleave", () => area.classList.remove("upload-over"));
    area.addEventListener("drop", (event) => { area.classList.remove("upload-over"); take(event.dataTransfer.files); });
    $("upload-cancel").addEventListener("click", () => { cancel(); area.focus(); });
    $("upload-remove").addEventListener("click", () => {
      cancel();
      $("upload-error").textContent = "";
      set("recording", { data: null });
      set("reading-file", { data: null });
      last = null;
      area.focus();
    });
  }

  window.spikedash = Object.assign(window.spikedash || {}, { again });

  // A file that misses the area must not replace the page.
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => { if (holdsFiles(event)) event.preventDefault(); });
  }

  const ready = () => {
    attach();
    return window.dash_clientside.no_update;
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { upload: { attach: ready } });
})();
