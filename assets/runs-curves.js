// The figure of the page of runs: learning curves over each other, their names beside it, and bringing one to the front.
(function () {
  const REDRAW_MS = 1500; // between two figures of running runs

  const $ = (id) => document.getElementById(id);
  const theme = () => document.documentElement.getAttribute("data-mantine-color-scheme") || "light";
  const page = () => window.spikedash.runsPage;

  let colours = {}; // of the runs that are drawn
  let drawnAt = 0;
  let drawTimer = null;
  let asked = ""; // the figure that is shown
  let lit = null; // the curve in front

  function draw(moved) {
    const { measure, grouped } = page().state();
    const query = { runs: page().wanted().join(","), measure, grouped: grouped ? 1 : 0, theme: theme() };
    const key = JSON.stringify(query);
    if (key === asked && !moved) return;
    window.clearTimeout(drawTimer);
    const wait = key === asked ? Math.max(0, REDRAW_MS - (Date.now() - drawnAt)) : 0;
    drawTimer = window.setTimeout(() => fetchFigure(query, key), wait);
  }

  async function fetchFigure(query, key) {
    const here = page().there();
    asked = key;
    drawnAt = Date.now();
    $("compare-waiting").hidden = Boolean(query.runs);
    try {
      const news = await page().get("/stream/runs/curves", query);
      if (here !== page().there() || asked !== key) return;
      window.dash_clientside.set_props("compare", { figure: news.figure });
      window.setTimeout(again, 120);
      const changed = JSON.stringify(colours) !== JSON.stringify(news.colours);
      colours = news.colours;
      if (changed && page().grid()) page().grid().refreshCells({ columns: ["title"], force: true });
      keys(news.figure);
      const order = page().order();
      const many = order.length ? `${order.length} ${query.grouped ? "settings " : ""}selected` : query.runs ? "the newest; select others in the table" : "";
      $("compare-caption").textContent = order.length > news.most ? `the first ${news.most} of ${order.length} selected` : many;
    } catch (unreachable) {
      asked = ""; // the next answer of the poll tries again
    }
  }

  // Names of the curves, to be hovered and focused as the curves are.
  function keys(figure) {
    const lines = figure.data.filter((trace) => trace.hovertemplate && !trace.xaxis);
    $("compare-keys").replaceChildren(
      ...lines.map((trace) => {
        const item = document.createElement("li");
        item.dataset.key = trace.meta;
        item.textContent = trace.name;
        item.style.setProperty("--shade", trace.line.color);
        item.classList.add({ solid: "solid", "2px,2px": "dotted" }[trace.line.dash] || "dashed");
        return item;
      }),
    );
  }

  // Brings one curve and its row to the front; null puts all back.
  function light(key) {
    if (key === lit) return;
    lit = key;
    for (const node of document.querySelectorAll(".runs-page .lit")) node.classList.remove("lit");
    const plot = document.querySelector("#compare .js-plotly-plot");
    if (plot && plot.data && plot.data.length) {
      const there = plot.data.some((trace) => trace.meta === key);
      window.Plotly.restyle(plot, { opacity: plot.data.map((trace) => (!there || trace.meta === key ? 1 : 0.16)) });
    }
    if (key === null) return;
    const id = page().has(key) ? key : `g${key}`;
    for (const node of document.querySelectorAll(`.runs-page .ag-row[row-id="${id}"], .compare-keys [data-key="${key}"]`)) node.classList.add("lit");
  }

  // A new figure knows nothing of what was brought forward.
  function again() {
    const key = lit;
    lit = undefined;
    if (page().there() && key) light(key);
    else lit = key;
  }

  document.addEventListener("mouseover", (event) => {
    if (!page()?.there() || !(event.target instanceof Element)) return;
    const row = event.target.closest(".ag-row");
    const item = event.target.closest(".compare-keys [data-key]");
    if (event.target.closest(".compare-stage")) return; // the figure says itself what is hovered
    light(item ? item.dataset.key : row ? page().keyOf(row.getAttribute("row-id")) : null);
  });

  window.spikedash = Object.assign({}, window.spikedash, {
    runsCurves: {
      draw,
      light,
      colour: (id) => colours[id],
      // The next draw asks again.
      stale() {
        asked = "";
      },
      forget() {
        window.clearTimeout(drawTimer);
        colours = {};
        asked = "";
      },
    },
  });
})();
