// In the menu of a phone: a button that presses one of the bar, after the menu has gone.
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest("[data-press]");
  if (!button) return;
  window.dash_clientside.set_props("burger", { opened: false });
  document.getElementById(button.dataset.press).click();
});
