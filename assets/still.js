// HTML that Dash does not know: one component for a whole tree, with places for components of Dash in it (ui/still.py).
(function () {
  const { createElement, Fragment } = window.React;

  function build(tree, places) {
    if (typeof tree === "number") return places[tree];
    if (typeof tree === "string") return tree;
    const [tag, props, ...inside] = tree;
    return createElement(tag || Fragment, props, ...inside.map((each) => build(each, places)));
  }

  function Still({ tree, children }) {
    return build(tree, [].concat(children ?? []));
  }

  window.spikedash_still = { Still };
})();
