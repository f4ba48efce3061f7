/* Whether the present settings suit the uploaded recording, and one button that sets what does. */
(function () {
  "use strict";
  const LEAST = 300; // neurons: fewer make no network that is rich enough
  const MOST = 50000;
  let units = 0;
  let file = null;
  let said = ""; // what the button changed

  const count = (number) => Number(number).toLocaleString("en");
  // Every recorded neuron needs a place, and about two helpers.
  const suited = () => Math.min(MOST, Math.max(LEAST, Math.ceil((3 * units) / 10) * 10));

  function listed(words) {
    return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
  }

  /* What stands against learning this recording: a sentence each. */
  function unsuited(settings) {
    const { knobs, presets, recorded } = window.spikedash.spec();
    const goal = presets[recorded.preset];
    const n = settings["network.n"];
    const found = [];
    if (n < units) found.push(`The network has ${count(n)} neurons, fewer than the ${count(units)} recorded ones.`);
    else if (n < 2 * units) found.push(`${count(units)} recorded neurons are learnt best among about ${count(suited())}, not ${count(n)}.`);
    const other = recorded.matter.filter((name) => settings[name] !== goal[name]).map((name) => `“${knobs[name].label}”`);
    if (other.length) found.push(`Recorded rates are learnt poorly with the present ${listed(other)}.`);
    return found;
  }

  function told([name, value]) {
    const { label, unit, words } = window.spikedash.spec().knobs[name];
    const shown = words[value] || (typeof value === "number" ? count(value) : String(value));
    const called = name.startsWith("cue.") && !/cue/i.test(label) ? `Cue ${label.toLowerCase()}` : label;
    return `${called} ${shown}${unit ? ` ${unit}` : ""}`;
  }

  function judge(recording, settings) {
    const id = (recording && recording.id) || null;
    if (id !== file) said = "";
    file = id;
    units = (recording && recording.describe && recording.describe.units) || 0;
    const why = units && settings && settings["target.family"] === "recorded" ? unsuited(settings) : [];
    if (why.length) said = "";
    return [!units || !(why.length || said), why.join(" "), `Use settings for recordings · ${count(suited())} neurons`, !why.length, said];
  }

  function use(clicks) {
    if (!clicks || !units) return;
    const { knobs, recorded } = window.spikedash.spec();
    const changes = window.spikedash.usePreset(recorded.preset, { "network.n": suited() });
    const goal = { ...window.spikedash.spec().presets[recorded.preset] };
    const felt = changes.filter(([name]) => window.spikedash.holds(knobs[name].when, goal));
    said = `Changed: ${felt.map(told).join(" · ")}. Choose another preset to undo this.`;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { fit: { judge, use } });
})();
