// Replays the latest trial of a finished run: a playhead uncovers raster and traces, slowly enough to see the spikes come.
(function () {
  const SLOWER = 4; // times slower than the network lived it
  const REST_MS = 2500; // the whole picture stays before the next round
  const FRAME_MS = 50; // twenty pictures a second look smooth here and leave the processor to the training
  const PANELS = ["raster", "traces"];
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  let playing = false;
  let begun = 0;
  let wanted = null; // a person's choice, once made
  let available = false;

  function plot(name) {
    const graph = document.querySelector(`#${name} .js-plotly-plot`);
    return graph && graph._fullLayout && graph._fullLayout.xaxis ? graph._fullLayout : null;
  }

  // Cover what lies behind `ms`; null uncovers everything.
  function cover(name, ms) {
    const veil = document.getElementById(`${name}-veil`);
    const layout = ms === null ? null : plot(name);
    if (!veil) return;
    veil.hidden = !layout;
    if (!layout) return;
    const { l, t, w, h } = layout._size;
    const at = Math.min(Math.max(layout.xaxis.c2p(ms), 0), w);
    // The box stays where it is: only the edge of what it paints moves, which is no shift of the page.
    veil.style.cssText = `left:${l}px;top:${t}px;width:${w}px;height:${h}px;--at:${at}px`;
  }

  function frame(now) {
    if (!playing) return;
    const layout = plot("raster");
    if (layout) {
      const [start, end] = layout.meta ? layout.meta.span : layout.xaxis.range;
      const round = (end - start) * SLOWER + REST_MS;
      const at = start + ((now - begun) % round) / SLOWER;
      PANELS.forEach((name) => cover(name, at < end ? at : null));
    }
    window.setTimeout(() => window.requestAnimationFrame(frame), FRAME_MS);
  }

  function play(on) {
    window.spikedash.say("replay", { children: on ? "Pause replay" : "Replay" });
    if (on === playing) return;
    playing = on;
    if (on) {
      begun = performance.now();
      window.requestAnimationFrame(frame);
    } else PANELS.forEach((name) => cover(name, null));
  }

  window.addEventListener("spikedash:news", ({ detail }) => {
    const now = detail.final && detail.caption !== "";
    window.spikedash.say("replay", { hidden: !now });
    available = now;
    if (!now) wanted = null;
    const alone = Boolean(detail.demo) && !still.matches;
    play(now && (wanted === null ? alone : wanted));
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    replay: {
      toggle(clicks) {
        if (!clicks || !available) return;
        wanted = !playing;
        play(wanted);
      },
    },
  });
})();
