// Runs in <head>, before the first paint: the chosen scheme, or the system's, so that a dark page never flashes white.
(function () {
  let scheme = null;
  try {
    scheme = window.localStorage.getItem("mantine-color-scheme-value");
  } catch (refused) {
    // Storage may be switched off; the system's scheme serves then.
  }
  if (scheme !== "light" && scheme !== "dark") {
    scheme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();
