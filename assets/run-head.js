// The head of a run's page: renaming, copying the link, the list of files, and the question before deleting.
(function () {
  const $ = (id) => document.getElementById(id);
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  function edit() {
    const title = $("run-title");
    const heading = title.parentElement;
    const field = Object.assign(document.createElement("input"), {
      className: "rename",
      value: title.textContent,
      maxLength: Number($("run-rename").dataset.most),
    });
    field.setAttribute("aria-label", "Name of this run");
    let over = false;
    const close = (save) => {
      if (over) return;
      over = true;
      const text = field.value.trim();
      if (save && text !== title.textContent) set("run-ask", { data: { what: "rename", title: text, at: Date.now() } });
      field.remove();
      heading.classList.remove("editing");
      if ($("run-rename")) $("run-rename").focus();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") close(true);
      if (event.key === "Escape") close(false);
    });
    field.addEventListener("blur", () => close(true));
    heading.classList.add("editing");
    heading.prepend(field);
    field.select();
  }

  document.addEventListener("click", async (event) => {
    if (!(event.target instanceof Element)) return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || event.target.closest(".menu-list a")) menu.open = false;
    }
    const button = event.target.closest("button");
    if (!button) return;
    if (button.id === "run-rename") edit();
    if (button.id === "run-delete") set("run-question", { opened: true });
    if (button.id === "run-link") {
      const { origin, pathname, hash } = window.location;
      const done = await window.spikedash.toClipboard(origin + pathname + hash);
      const before = "Copy link";
      button.textContent = done ? "Copied" : "Not copied";
      const how = "The browser does not let a page copy; take the link from the address bar.";
      if ($("run-told")) $("run-told").textContent = done ? "The link was copied." : how;
      window.setTimeout(() => button.isConnected && (button.textContent = before), 1600);
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    runHead: {
      sure() {
        const yes = window.dash_clientside.callback_context.triggered_id === "run-yes";
        set("run-question", { opened: false });
        if (!yes) return;
        window.dispatchEvent(new CustomEvent("spikedash:leave")); // nobody asks for this run any more
        set("run-ask", { data: { what: "delete", at: Date.now() } });
      },
    },
  });
})();
