// How often a page looks: as often as it likes, and less often while the server says that many do (spikedash/ui/crowd.py).
(function () {
  let slower = 1;

  window.spikedash = Object.assign({}, window.spikedash, {
    heard(answer) {
      slower = Number(answer.headers.get("Look-Slower")) || 1;
    },
    unhurried: (ms) => ms * slower,
  });
})();
