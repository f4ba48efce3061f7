// Pages of sweeps: asks for what changed since its version, and shows it: lines in a list, or one sweep with its cells.
(function () {
  const STEADY_MS = 700;
  const HIDDEN_MS = 4000;
  const QUIET_MS = 5000; // nothing runs: somebody may continue it elsewhere
  const PATIENCE_MS = 8000;

  let room = null; // the element that says what is polled
  let version = "";
  let quiet = false;
  let timer = null;
  let busy = false;
  let choice = [];

  const $ = (id) => document.getElementById(id);
  const theme = () => document.documentElement.getAttribute("data-mantine-color-scheme") || "light";

  function later(ms) {
    window.clearTimeout(timer);
    if (room) timer = window.setTimeout(ask, ms);
  }

  function offline(now) {
    const said = $("poll-offline");
    if (said) said.hidden = !now;
  }

  async function ask() {
    if (busy || !room) return;
    busy = true;
    const asked = room;
    try {
      const query = new URLSearchParams({ after: version, theme: theme(), choice: choice.join(",") });
      const answer = await fetch(`${room.dataset.poll}?${query}`, { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
      window.spikedash.heard(answer);
      if (answer.status >= 500) throw new Error(`status ${answer.status}`);
      offline(false);
      if (asked === room && answer.status === 404) return window.location.reload(); // deleted elsewhere: the server says so
      if (asked === room && answer.status === 200) {
        const news = await answer.json();
        if (asked === room) {
          version = news.version;
          shows[room.dataset.shows](news);
        }
      }
    } catch (unreachable) {
      offline(true); // the next look tells whether the server is back
    }
    busy = false;
    if (asked === room) later(window.spikedash.unhurried(document.hidden ? HIDDEN_MS : quiet ? QUIET_MS : STEADY_MS));
    else later(0);
  }

  // One line of a list, or the head of a page: the same words and the same bar.
  function line(root, news) {
    const { put } = window.spikedash;
    const pill = root.querySelector(".pill");
    put(pill, news.pill);
    if (pill) pill.className = `pill ${news.tone}`;
    put(root.querySelector(".sweep-sentence"), news.sentence);
    const bar = root.querySelector(".meter > span");
    if (bar) {
      bar.style.width = `${100 * news.share}%`;
      bar.style.setProperty("--failed", `${100 * news.wrong}%`);
    }
    const meter = root.querySelector(".meter");
    if (meter) meter.setAttribute("aria-valuenow", Math.round(100 * news.share));
  }

  const tidy = (cell) => {
    const more = cell.state === "done" && cell.value ? `, ${cell.value}` : cell.state === "running" ? `, ${Math.round(100 * cell.share)} %` : "";
    return `${cell.name}: ${cell.state}${more}${cell.error ? `. ${cell.error}` : ""}`;
  };

  // Squares are made once and then only changed.
  function squares(cells) {
    const host = $("sweep-cells");
    if (!host) return;
    const rows = new Map();
    for (const cell of cells) rows.set(cell.seed, [...(rows.get(cell.seed) || []), cell]);
    if (host.childElementCount !== rows.size) {
      host.replaceChildren(
        ...[...rows].map(([seed, row]) => {
          const line = document.createElement("div");
          line.className = "cell-row";
          line.setAttribute("role", "list");
          line.setAttribute("aria-label", `Seed ${seed}`);
          const name = document.createElement("span");
          name.className = "cell-seed";
          name.textContent = `seed ${seed}`;
          name.setAttribute("aria-hidden", "true");
          line.append(name, ...row.map(() => Object.assign(document.createElement("span"), { className: "cell-room" })));
          return line;
        }),
      );
    }
    [...rows.values()].forEach((row, k) => {
      const places = host.children[k].querySelectorAll(".cell-room");
      row.forEach((cell, j) => square(places[j], cell));
    });
    oneStop();
  }

  function square(place, cell) {
    const text = tidy(cell);
    if (place.dataset.text === text && place.dataset.run === cell.run) return;
    place.dataset.text = text;
    place.setAttribute("role", "listitem");
    let node = place.firstElementChild;
    const tag = cell.run ? "A" : "SPAN";
    if (!node || node.tagName !== tag) {
      node = document.createElement(tag.toLowerCase());
      place.replaceChildren(node);
    }
    if (cell.run && place.dataset.run !== cell.run) node.href = `/runs/${cell.run}`;
    place.dataset.run = cell.run;
    node.className = `cell ${cell.state === "waiting" ? "open" : cell.state}`;
    node.title = text;
    node.setAttribute("aria-label", text);
    if (tag === "SPAN") node.setAttribute("role", "img");
    node.style.setProperty("--share", cell.share);
  }

  // Every reason once, with how many runs it ended.
  function errors(cells) {
    const host = $("sweep-errors");
    if (!host) return;
    const reasons = new Map();
    for (const cell of cells) if (cell.error) reasons.set(cell.error, (reasons.get(cell.error) || 0) + 1);
    host.hidden = !reasons.size;
    const said = [...reasons].slice(0, 5).map(([reason, many]) => `${many} failed: ${reason}`);
    if ([...host.children].map((item) => item.textContent).join() === said.join()) return;
    host.replaceChildren(...said.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }

  function checks(rows) {
    const host = $("sweep-checks");
    if (!host) return;
    const cellOf = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text, className: name });
    host.replaceChildren(
      ...rows.map((row) => {
        const line = document.createElement("tr");
        const what = cellOf("th", row.what, "");
        what.scope = "row";
        const measured = cellOf("td", row.seeds ? row.mean : "–", "num");
        if (row.passed !== null) {
          const sign = cellOf("span", row.passed ? "✓" : "✗", row.passed ? "passed" : "missed");
          sign.setAttribute("role", "img");
          sign.setAttribute("aria-label", row.passed ? "as expected" : "not as expected");
          measured.append(" ", sign);
        }
        line.title = row.why;
        line.append(what, cellOf("td", row.expected, "num"), measured, cellOf("td", row.seeds ? row.worst : "–", "num"));
        return line;
      }),
    );
  }

  // One stop for the tab key; arrows go from square to square.
  document.addEventListener("keydown", (event) => {
    const from = event.target instanceof Element && event.target.closest("#sweep-cells a.cell");
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!from || !step) return;
    event.preventDefault();
    const rows = [...$("sweep-cells").children].map((row) => [...row.querySelectorAll(".cell-room")]);
    let y = rows.findIndex((row) => row.includes(from.parentElement));
    let x = rows[y].indexOf(from.parentElement);
    for (y += step[0], x += step[1]; rows[y] && rows[y][x]; y += step[0], x += step[1]) {
      const next = rows[y][x].querySelector("a.cell");
      if (!next) continue;
      delete from.dataset.stop;
      next.dataset.stop = "1";
      oneStop();
      next.focus();
      return;
    }
  });

  function oneStop() {
    const links = [...document.querySelectorAll("#sweep-cells a.cell")];
    const stop = links.find((link) => link.dataset.stop) || links[0];
    for (const link of links) link.tabIndex = link === stop ? 0 : -1;
  }

  let before = {}; // state of every listed sweep, to notice those that end

  const shows = {
    sweep(news) {
      quiet = news.final;
      line(room, news);
      $("sweep-stop").hidden = news.final || news.state === "stopping";
      $("sweep-resume").hidden = news.state !== "stopped";
      $("sweep-retry").hidden = !(news.final && news.failed);
      squares(news.cells);
      errors(news.cells);
      checks(news.checks);
      if (news.figure) window.dash_clientside.set_props("sweep-figure", { figure: news.figure });
    },
    list(news) {
      quiet = news.sweeps.every((sweep) => sweep.final);
      for (const sweep of news.sweeps) {
        for (const root of document.querySelectorAll(`[data-sweep="${sweep.id}"]`)) line(root, sweep);
      }
      const listed = [...document.querySelectorAll("#sweeps-list [data-sweep]")].map((root) => root.dataset.sweep);
      if ($("sweeps-list") && listed.join() !== news.sweeps.map((sweep) => sweep.id).join()) {
        window.dash_clientside.set_props("sweeps-tick", { data: Date.now() });
      }
      const now = Object.fromEntries(news.sweeps.map((sweep) => [sweep.id, sweep.done]));
      const changed = news.sweeps.filter((sweep) => before[sweep.id] !== undefined && before[sweep.id] !== sweep.done);
      before = now;
      if (changed.length && $("gallery-tick")) window.dash_clientside.set_props("gallery-tick", { data: Date.now() });
    },
  };

  function begin() {
    room = document.querySelector("[data-poll]");
    version = "";
    quiet = false;
    choice = [];
    before = {};
    if (room) later(0);
  }

  window.addEventListener("spikedash:arrive", begin);
  window.addEventListener("spikedash:leave", () => {
    room = null;
    window.clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) later(0);
  });
  new MutationObserver(() => later(0)).observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    sweeps: {
      nudge() {
        quiet = false;
        later(60);
      },
      propose: (name, proposals) => proposals[name] || "",
      proposeSecond: (name, proposals) => [proposals[name] || "", !name],
      choose(values) {
        choice = values || [];
        later(0);
      },
    },
  });
})();
