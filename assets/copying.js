// Copying: what leads to the clipboard, and the button of the code's dialog that says whether it did.
(function () {
  const SAID_MS = 2000;

  /* Whether the words are in the clipboard now. */
  async function toClipboard(words) {
    try {
      await navigator.clipboard.writeText(words);
      return true;
    } catch (refused) {
      // Without TLS there is no clipboard but the old way.
      const area = document.createElement("textarea");
      area.value = words;
      area.style.cssText = "position:fixed;opacity:0";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  window.spikedash = Object.assign({}, window.spikedash, { toClipboard });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    copying: {
      async copy(clicks, text) {
        const { triggered_id } = window.dash_clientside.callback_context;
        if (!clicks || !triggered_id) return window.dash_clientside.no_update;
        const done = await toClipboard(text || "");
        window.setTimeout(() => window.dash_clientside.set_props(triggered_id, { children: "Copy" }), SAID_MS);
        return done ? "Copied" : "Select and copy by hand";
      },
    },
  });
})();
