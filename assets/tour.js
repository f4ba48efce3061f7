// The tour: five places of the playground. Offered once, beside everything else; the button in the bar starts it at any time.
(function () {
  const SEEN = "spikedash-tour";
  const PATIENCE_MS = 2000;
  // Where the settings are behind a button; on a lesson they are not.
  const narrow = () => document.getElementById("burger").offsetHeight > 0;
  const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const STEPS = [
    [".raster-panel", "Every spike", "One row for each neuron, time from left to right. The yellow stripe is the cue; the pattern follows it."],
    [".traces-panel", "Target and activity", "What chosen neurons shall do, dashed, and what they do. Click a row of the spikes to choose its neuron."],
    ["#controls", "Settings", "The pattern, the network, how it practises, and the cue. Point at a name to read what it means."],
    [".launch", "Train", "Starts a run with these settings, and says before how long it takes. Runs go on when you close the page."],
    [".curve-panel", "Learning", "One point for every loop of practice, then test trials with learning off. Lessons that use all this are under Learn."],
  ];

  function seen() {
    try {
      return window.localStorage.getItem(SEEN) !== null;
    } catch (refused) {
      return true;
    }
  }

  function remember() {
    const offer = document.getElementById("tour-offer");
    if (offer) offer.remove();
    try {
      window.localStorage.setItem(SEEN, "seen");
    } catch (refused) {
      // Then it is offered again.
    }
  }

  function start() {
    remember(); // the offer goes, and with it what had the focus
    window.dash_clientside.set_props("centre-tabs", { value: "live" });
    window.dash_clientside.set_props("burger", { opened: false });
    whenSeen(STEPS[0][0], lead);
  }

  /* A tab that was closed, and a menu that was open, take a moment. */
  function whenSeen(selector, then, since = performance.now()) {
    const place = document.querySelector(selector);
    if (!place) return;
    if (place.offsetHeight || performance.now() - since > PATIENCE_MS) then();
    else window.requestAnimationFrame(() => whenSeen(selector, then, since));
  }

  function lead() {
    const button = document.getElementById("start-tour");
    const steps = STEPS.map(([element, title, description]) => ({
      element: element === "#controls" && narrow() ? "#burger" : element,
      popover: { title, description, side: element === "#controls" && !narrow() ? "right" : undefined },
    }));
    window.driver.js
      .driver({
        steps,
        animate: !still(),
        showProgress: true,
        progressText: "{{current}} of {{total}}",
        nextBtnText: "Next",
        prevBtnText: "Back",
        doneBtnText: "Done",
        popoverClass: "tour",
        overlayOpacity: 0.45,
        stagePadding: 4,
        onDestroyed: () => button.focus(),
      })
      .drive();
  }

  function offer() {
    if (seen() || !document.getElementById("start-tour") || document.querySelector(".play.lesson")) return;
    const card = document.createElement("aside");
    card.id = "tour-offer";
    card.className = "tour-offer";
    card.setAttribute("aria-label", "Tour");
    const words = document.createElement("p");
    words.textContent = "New here? Five steps show what is where, in a minute.";
    const row = document.createElement("div");
    const show = document.createElement("button");
    const no = document.createElement("button");
    Object.assign(show, { type: "button", className: "button primary", textContent: "Show me", onclick: start });
    Object.assign(no, { type: "button", className: "button", textContent: "No, thanks", onclick: remember });
    row.append(show, no);
    card.append(words, row);
    document.querySelector(".play").append(card);
  }

  window.addEventListener("spikedash:arrive", offer);
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    if (target.closest("#start-tour")) start();
    else if (target.closest("#train")) remember();
  });
})();
