// A preset in the list: its picture, its name, and a sentence.
(function () {
  const { createElement: make } = window.React;
  window.dashMantineFunctions = Object.assign({}, window.dashMantineFunctions, {
    presetOption({ option, checked }, known) {
      const { glyph, about } = known[option.value] || { glyph: "other", about: "" };
      const shape = { maskImage: `url(/assets/glyphs/${glyph}.svg)` };
      return make(
        "div",
        { className: checked ? "preset-card chosen" : "preset-card" },
        make("span", { className: "preset-picture", "aria-hidden": true }, make("span", { className: "glyph", style: shape })),
        make(
          "span",
          { className: "preset-words" },
          make("span", { className: "preset-name" }, option.label.replace("(Fig. ", "(Fig.\u00a0")),
          make("span", { className: "preset-about" }, about),
        ),
      );
    },
  });
})();
