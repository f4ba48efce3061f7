// The page of runs: keeps the rows, asks for what changed, and acts on chosen runs; runs-curves.js draws their curves.
(function () {
  const BUSY_MS = 1000; // while something runs or waits
  const QUIET_MS = 3000;
  const HIDDEN_MS = 10000;
  const PATIENCE_MS = 8000;
  const MOST_LOADED = 2000; // rows that are loaded without being asked for
  const NEWEST = 5; // curves shown until somebody chooses

  const $ = (id) => document.getElementById(id);
  const theme = () => document.documentElement.getAttribute("data-mantine-color-scheme") || "light";
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  let room = null; // the page, while it is there
  let api = null; // the grid
  let rows = new Map(); // by id
  let view = new Map(); // rows of the grid by id: runs, or groups of them
  let token = "";
  let total = 0;
  let more = true; // whether the store has older runs
  let loading = false;
  let busy = false;
  let active = false;
  let timer = null;
  let skew = 0; // the server's clock minus this one, s
  let state = { cells: false, grouped: false, measure: "correlation" };
  let order = []; // ids of chosen rows, in the order of choosing
  let pending = null; // what the question before deleting is about

  const curves = () => window.spikedash.runsCurves;
  const now = () => Date.now() / 1000 + skew;

  function later(ms) {
    window.clearTimeout(timer);
    if (room) timer = window.setTimeout(ask, ms);
  }

  async function get(path, query) {
    const answer = await fetch(`${path}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
    window.spikedash.heard(answer);
    if (answer.status >= 400) throw new Error(`status ${answer.status}`);
    if (answer.status !== 200) return null;
    const clock = Date.parse(answer.headers.get("Date"));
    if (clock) skew = (clock - Date.now()) / 1000;
    return answer.json();
  }

  async function ask() {
    if (busy || !room) return;
    busy = true;
    const here = room;
    try {
      const news = await get("/stream/runs", { after: token, cells: state.cells ? 1 : 0 });
      if (here === room) {
        $("runs-offline").hidden = true;
        if (news) take(news);
        if (more && !loading && rows.size < MOST_LOADED) older();
      }
    } catch (unreachable) {
      if (here === room && $("runs-offline")) $("runs-offline").hidden = false;
    }
    busy = false;
    if (here === room) later(window.spikedash.unhurried(document.hidden ? HIDDEN_MS : active ? BUSY_MS : QUIET_MS));
  }

  function take(news) {
    token = news.token;
    total = news.total;
    active = news.queue.state === "running";
    if (news.all) {
      rows = new Map();
      more = true;
    }
    for (const id of news.gone) rows.delete(id);
    const before = new Map(news.rows.map((row) => [row.id, rows.get(row.id)]));
    for (const row of news.rows) rows.set(row.id, row);
    if (rows.size >= total) more = false;
    queue(news.queue);
    refresh();
    const drawn = new Set(wanted());
    const moved = news.rows.some((row) => drawn.has(row.id) && (!before.get(row.id) || before.get(row.id).loops_done !== row.loops_done || before.get(row.id).tests_done !== row.tests_done));
    curves().draw(moved);
  }

  async function older() {
    loading = true;
    const here = room;
    try {
      const before = Math.min(...[...rows.values()].map((row) => row.seq));
      const page = rows.size ? await get("/stream/runs/older", { before, cells: state.cells ? 1 : 0 }) : { rows: [], more: false };
      if (here !== room) return;
      for (const row of page.rows) if (!rows.has(row.id)) rows.set(row.id, row);
      more = page.more;
      refresh();
    } catch (unreachable) {
      more = true; // the next answer of the poll tries again
    } finally {
      loading = false;
    }
    if (here === room && more && rows.size < MOST_LOADED) older();
  }

  function queue(said) {
    const pill = $("queue-state");
    pill.className = `pill ${said.state}`;
    pill.textContent = said.word;
    $("queue-sentence").textContent = said.sentence;
  }

  function refresh() {
    const list = [...rows.values()].sort((a, b) => b.seq - a.seq);
    $("runs-empty").hidden = total > 0 || state.cells;
    $("runs-room").hidden = total === 0 && !state.cells;
    const shown = state.grouped ? window.spikedash.runsGroups(list) : list;
    view = new Map(shown.map((row) => [row.id, row]));
    order = order.filter((id) => view.has(id));
    $("runs-grid-room").style.setProperty("--rows", shown.length);
    if (api) api.setGridOption("rowData", shown);
    count();
    acts();
  }

  function count() {
    const many = api && api.isAnyFilterPresent() ? `${api.getDisplayedRowCount().toLocaleString("en")} of ` : "";
    const groups = state.grouped ? `${view.size.toLocaleString("en")} settings, ` : "";
    const part = rows.size < total ? `${rows.size.toLocaleString("en")} of ` : "";
    $("runs-count").textContent = `${many}${groups}${part}${total.toLocaleString("en")} run${total === 1 ? "" : "s"}`;
    $("runs-older").hidden = !(more && rows.size >= MOST_LOADED);
  }

  const members = (id) => (view.get(id).members || [view.get(id)]).map((row) => row.id);
  const chosen = () => order.filter((id) => view.has(id)).flatMap(members);

  // Chosen runs, or the newest that have a curve.
  function wanted() {
    if (order.length) return chosen();
    const learnt = [...view.values()].filter((row) => (row.members || [row]).some((each) => each.loops_done));
    return learnt.slice(0, NEWEST).flatMap((row) => members(row.id));
  }

  function acts() {
    const ids = chosen();
    $("runs-acts").hidden = !order.length;
    if (!order.length) return;
    $("runs-chosen").textContent = `${ids.length} selected`;
    $("act-rename").hidden = $("act-clone").hidden = ids.length !== 1;
    $("act-clone").href = `/#run=${ids[0]}`;
    $("act-csv").href = `/export/runs.csv?runs=${ids.join(",")}`;
  }

  const keyOf = (id) => (id === null || !view.has(id) ? null : view.get(id).members ? view.get(id).alike : id);

  // What a person wants done; the answer of the server comes back to `said`.
  function act(what, ids, more) {
    set("runs-ask", { data: { what, ids, at: Date.now(), ...more } });
  }

  function confirm(ids) {
    if (!ids.length) return;
    pending = ids;
    const one = ids.length === 1;
    const running = ids.filter((id) => ["running", "paused", "queued"].includes((rows.get(id) || {}).state)).length;
    const still = running ? ` ${running === 1 && one ? "It is" : `${running} of them ${running === 1 ? "is" : "are"}`} not finished and will be stopped.` : "";
    set("runs-words", { children: `What ${one ? "it" : "they"} measured goes for good.${still}` });
    set("runs-question", { opened: true, title: one ? `Delete “${(rows.get(ids[0]) || {}).title || "this run"}”?` : `Delete ${ids.length} runs?` });
  }

  function rename(id) {
    if (!api) return;
    const node = api.getRowNode(id);
    if (!node) return;
    api.ensureNodeVisible(node);
    api.setFocusedCell(node.rowIndex, "title");
    // Later: the button that was pressed goes when the field comes, and with its focus the field would be closed again.
    window.setTimeout(() => room && api.startEditingCell({ rowIndex: node.rowIndex, colKey: "title" }), 50);
  }

  document.addEventListener("click", (event) => {
    if (!room || !(event.target instanceof Element)) return;
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.id === "act-delete") confirm(chosen());
    if (button.id === "act-colour") window.spikedash.runsPalette(chosen(), button);
    if (button.id === "act-rename") rename(order[0]);
    if (button.id === "act-clear" && api) api.deselectAll();
    if (button.id === "runs-older") older();
  });

  // What is told elsewhere gives way where there is little room, and the names get what is left.
  function fit() {
    if (!api) return;
    const width = $("runs-grid-room").clientWidth;
    const hide = { name: width < (state.grouped ? 1440 : 1330), frac_exc: width < 960, seed: width < 560, n: width < 480 };
    api.applyColumnState({ state: Object.entries(hide).map(([colId, hidden]) => ({ colId, hide: hidden })) });
    const others = api.getAllDisplayedColumns().filter((column) => column.getColId() !== "title");
    const left = width - others.reduce((sum, column) => sum + column.getActualWidth(), 0) - 4;
    const least = width < 600 ? 176 : 220;
    api.setColumnWidths([{ key: "title", newWidth: Math.max(least, Math.min(left, 420)) }]);
  }

  let seen = 0;
  new ResizeObserver((entries) => {
    const width = Math.round(entries[0].contentRect.width);
    if (width !== seen) fit();
    seen = width;
  }).observe(document.documentElement);

  function listen(grid) {
    api = grid;
    fit();
    api.addEventListener("selectionChanged", () => {
      const ids = api.getSelectedNodes().map((node) => node.data.id);
      order = [...order.filter((id) => ids.includes(id)), ...ids.filter((id) => !order.includes(id))];
      acts();
      curves().draw(false);
    });
    api.addEventListener("filterChanged", count);
    api.addEventListener("cellValueChanged", (event) => {
      const title = String(event.newValue || "").trim();
      if (title !== event.oldValue) act("rename", [event.data.id], { title });
    });
    refresh();
    curves().draw(false);
  }

  function begin() {
    room = document.querySelector('[data-runs="page"]');
    if (!room) return;
    const path = new URL("/_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js", window.location.href).href;
    const ready = () => room && set("runs-grid-ready", { data: Date.now() });
    if (window.dash_ag_grid) ready();
    else document.head.append(Object.assign(document.createElement("script"), { src: path, onload: ready }));
    later(0);
  }

  window.addEventListener("spikedash:arrive", begin);
  window.addEventListener("spikedash:leave", () => {
    window.clearTimeout(timer);
    curves().forget();
    room = api = null;
    rows = new Map();
    view = new Map();
    order = [];
    token = "";
    total = 0;
    more = true;
    state = { cells: false, grouped: false, measure: "correlation" };
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) later(0);
  });
  new MutationObserver(() => room && curves().draw(false)).observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
  window.setInterval(() => api && !document.hidden && api.refreshCells({ columns: ["seq"], force: true }), 30000);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    runs: {
      // The grid as Dash draws it; its script is here by now.
      build(ready, spec) {
        if (!ready || !spec) return window.dash_clientside.no_update;
        window.dash_ag_grid.getApiAsync("runs-grid").then((grid) => room && listen(grid));
        return spec;
      },
      said(answer) {
        const wrong = $("runs-wrong");
        if (wrong) {
          wrong.hidden = !(answer && answer.wrong);
          wrong.textContent = (answer && answer.wrong) || "";
        }
        curves().stale();
        later(0);
      },
      measure(value) {
        state.measure = value || "correlation";
        if (room) curves().draw(false);
      },
      group(value) {
        state.grouped = Boolean(value);
        order = [];
        if (api) api.deselectAll();
        if (api) api.setColumnWidths(["best", "last", "test"].map((key) => ({ key, newWidth: value ? 122 : 88 })));
        fit();
        if (room) refresh();
        if (room) curves().draw(false);
      },
      cells(value) {
        state.cells = Boolean(value);
        token = "";
        if (room) later(0);
      },
      find(value) {
        if (api) api.setGridOption("quickFilterText", value || "");
      },
      sure() {
        const yes = window.dash_clientside.callback_context.triggered_id === "runs-yes";
        set("runs-question", { opened: false });
        if (yes && pending) act("delete", pending);
        pending = null;
      },
      hover(data) {
        if (!room) return;
        const point = data && data.points && data.points[0];
        if (!point && !document.querySelector(".compare-stage:hover")) return; // a new figure; the pointer is elsewhere
        const plot = document.querySelector("#compare .js-plotly-plot");
        curves().light(point && plot ? plot.data[point.curveNumber].meta : null);
      },
    },
  });

  window.spikedash = Object.assign({}, window.spikedash, {
    // What runs-curves.js asks of the page.
    runsPage: { there: () => room, grid: () => api, state: () => state, order: () => order, has: (id) => view.has(id), wanted, keyOf, get },
    runsNow: now,
    runsPaint: (ids, colour) => act("paint", ids, { colour }),
    runsMembers: members,
    runsRename: rename,
    runsShade(row) {
      const ids = row.members ? row.members.map((each) => each.id) : [row.id];
      const own = row.shades && row.shades[theme() === "dark" ? 1 : 0];
      return ids.map(curves().colour).find(Boolean) || own || null;
    },
    // True where the page answers a key itself.
    runsKey(params) {
      if (params.editing || params.event.target.closest(".ag-cell-inline-editing")) return false;
      const { key } = params.event;
      const row = params.node.data;
      const mine = ["Enter", "F2", "Delete", "c", "C"].includes(key) && !params.event.ctrlKey && !params.event.metaKey;
      if (!mine) return key.length === 1 && key !== " "; // letters would begin to edit
      if (key === "F2") return Boolean(row.members);
      if (params.event.type !== "keydown") return true;
      if (key === "Enter") window.spikedash.go(`/runs/${row.members ? row.members[0].id : row.id}`);
      if (key === "Delete") confirm(members(row.id));
      if (key === "c" || key === "C") window.spikedash.runsPalette(members(row.id), document.activeElement);
      return true;
    },
  });
})();
