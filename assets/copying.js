// Copy the code of the dialog, and say so on the button.
(function () {
  const SAID_MS = 2000;
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    copying: {
      async copy(clicks, text) {
        const { triggered_id } = window.dash_clientside.callback_context;
        if (!clicks || !triggered_id) return window.dash_clientside.no_update;
        const done = await window.spikedash.toClipboard(text || "");
        window.setTimeout(() => window.dash_clientside.set_props(triggered_id, { children: "Copy" }), SAID_MS);
        return done ? "Copied" : "Select and copy by hand";
      },
    },
  });
})();
