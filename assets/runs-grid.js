// How the table of runs shows its cells, and its keys. What they do is in runs.js.
(function () {
  const none = "–";
  const real = (text) => text.replace("-", "−");
  const known = (value) => typeof value === "number" && Number.isFinite(value);
  const e = (...parts) => window.React.createElement(...parts);

  function span(seconds) {
    if (seconds < 60) return "just now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
    const days = Math.floor(seconds / 86400);
    return `${days} day${days === 1 ? "" : "s"}`;
  }

  // A number, and for repetitions how far they lie apart.
  function spread(row, field, digits) {
    if (!known(row[field])) return none;
    const sd = row[`${field}_sd`];
    return real(row[field].toFixed(digits)) + (known(sd) ? ` ± ${sd.toFixed(digits)}` : "");
  }

  Object.assign((window.dashAgGridFunctions = window.dashAgGridFunctions || {}), {
    runsCount: (value) => (known(value) ? value.toLocaleString("en") : none),
    runsShare: (params) => (known(params.value) ? `${Math.round(100 * params.value)} %` : "mixed"),
    runsR: (params, field) => spread(params.data, field, 3),
    runsHz: (params) => spread(params.data, "rate_hz", 1),
    runsAge: (created) => span(Math.max(0, window.spikedash.runsNow() - created)),
    runsUnpinned: () => [],
    runsKeys: (params) => window.spikedash.runsKey(params),
    // Colours come from the page's own variables, so that light and dark need no second theme.
    runsTheme: (quartz) =>
      quartz.withParams({
        accentColor: "var(--accent)",
        backgroundColor: "var(--card)",
        foregroundColor: "var(--ink)",
        headerTextColor: "var(--muted)",
        headerBackgroundColor: "var(--card)",
        borderColor: "var(--line)",
        chromeBackgroundColor: "var(--card)",
        rowHoverColor: "color-mix(in srgb, var(--accent) 7%, transparent)",
        selectedRowBackgroundColor: "color-mix(in srgb, var(--accent) 11%, transparent)",
        wrapperBorder: false,
        wrapperBorderRadius: 0,
        fontFamily: "inherit",
        fontSize: 13,
        headerFontSize: 12.5,
        headerFontWeight: 600,
        iconSize: 14,
        cellHorizontalPadding: 12,
        browserColorScheme: "inherit",
        menuBackgroundColor: "var(--card)",
        inputBackgroundColor: "var(--card)",
        tooltipBackgroundColor: "var(--card)",
        tooltipTextColor: "var(--ink)",
      }),
  });

  const link = (id, text, more) => e("a", { href: `/runs/${id}`, tabIndex: -1, ...more }, text);

  Object.assign((window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {}), {
    RunTitle({ data }) {
      const shade = window.spikedash.runsShade(data);
      return e(
        "span",
        { className: "run-title" },
        e("button", {
          type: "button",
          tabIndex: -1,
          className: shade ? "swatch" : "swatch open",
          style: shade ? { "--shade": shade } : {},
          title: "Colour",
          "aria-label": `Colour of ${data.title}`,
          onClick: (event) => window.spikedash.runsPalette(window.spikedash.runsMembers(data.id), event.currentTarget),
        }),
        data.members && data.members.length > 1
          ? e("span", { className: "run-name", title: data.title }, data.title, e("span", { className: "run-many" }, ` · ${data.seeds === data.members.length ? `${data.seeds} seeds` : `${data.members.length} runs`}`))
          : link(data.members ? data.members[0].id : data.id, data.title, { className: "run-name", title: data.title }),
        data.members
          ? null
          : e("button", {
              type: "button",
              tabIndex: -1,
              className: "pencil",
              title: "Rename (F2)",
              "aria-label": `Rename ${data.title}`,
              onClick: () => window.spikedash.runsRename(data.id),
            }),
      );
    },

    RunState({ data }) {
      return e(
        "span",
        { className: "run-state", title: data.error || undefined },
        e("span", { className: `pill ${{ queued: "open", stopped: "open" }[data.state] || data.state}` }, data.state_word),
        data.share === undefined ? null : e("span", { className: "run-share num" }, `${Math.round(100 * data.share)} %`),
      );
    },

    RunSeeds({ data }) {
      const said = (row) => (row.target_seed ? `${row.seed} / ${row.target_seed}` : `${row.seed}`);
      if (!data.members || data.members.length === 1) return e("span", { className: "num" }, said(data));
      const parts = data.members.flatMap((row, k) => [k ? " " : "", link(row.id, said(row), { key: row.id, title: row.title })]);
      return e("span", { className: "run-seeds num" }, ...parts);
    },
  });
})();
