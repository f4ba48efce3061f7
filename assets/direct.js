/* Words and figures, changed in the page itself: by way of Dash each change has every component of the page look whether it
   concerns it, and a figure is compared and copied as a whole. React leaves alone what it does not change. */
(function () {
  /* Words of an element that nobody else changes; the same words again are no change that is read out. */
  function put(node, text) {
    if (node && node.textContent !== text) node.textContent = text;
  }

  const PLAIN = { children: "textContent", className: "className", title: "title", hidden: "hidden", open: "open", href: "href" };

  /* Properties of an element; whether it is there and takes all of them without Dash. */
  function say(id, props) {
    const node = document.getElementById(id);
    if (!node || !Object.keys(props).every((name) => name in PLAIN)) return false;
    for (const [name, value] of Object.entries(props)) if (node[PLAIN[name]] !== value) node[PLAIN[name]] = value;
    return true;
  }

  /* A figure, and a promise of when it is complete; the first of a graph goes by way of Dash, which makes it. */
  function draw(id, figure) {
    const graph = document.querySelector(`#${id} .js-plotly-plot`);
    if (graph && graph.layout) return window.Plotly.react(graph, figure.data, figure.layout);
    window.dash_clientside.set_props(id, { figure });
    return Promise.resolve();
  }

  window.spikedash = Object.assign({}, window.spikedash, { put, say, draw });
})();
