// The card of the newest runs on the playground.
(function () {
  const BUSY_MS = 1500;
  const QUIET_MS = 4000;
  const HIDDEN_MS = 15000;
  const SHOWN = 6;

  let room = null;
  let rows = new Map();
  let token = "";
  let active = false;
  let timer = null;
  let busy = false;

  const span = (seconds) => {
    if (seconds < 60) return "just now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} d ago`;
  };

  function later(ms) {
    window.clearTimeout(timer);
    if (room) timer = window.setTimeout(ask, ms);
  }

  async function ask() {
    if (busy || !room) return;
    busy = true;
    const here = room;
    try {
      const query = new URLSearchParams({ after: token, limit: SHOWN });
      const answer = await fetch(`/stream/runs?${query}`, { signal: AbortSignal.timeout(8000), cache: "no-store" });
      window.spikedash.heard(answer);
      if (answer.status === 200 && here === room) take(await answer.json(), (Date.parse(answer.headers.get("Date")) || Date.now()) / 1000);
    } catch (unreachable) {
      // The page's own poller says that the server is away.
    }
    busy = false;
    if (here === room) later(window.spikedash.unhurried(document.hidden ? HIDDEN_MS : active ? BUSY_MS : QUIET_MS));
  }

  function take(news, now) {
    const list = document.getElementById("recent-list");
    if (!list) return;
    active = news.queue.state === "running";
    if (news.all) rows = new Map();
    for (const id of news.gone) rows.delete(id);
    for (const row of news.rows) rows.set(row.id, row);
    const newest = [...rows.values()].sort((a, b) => b.seq - a.seq).slice(0, SHOWN);
    // One that moved up because another was deleted is not known here.
    const short = newest.length < Math.min(SHOWN, news.total);
    rows = new Map(newest.map((row) => [row.id, row]));
    token = short ? "" : news.token;
    document.getElementById("recent-queue").textContent = news.queue.sentence;
    room.hidden = !newest.length;
    list.replaceChildren(...newest.map((row) => line(row, now)));
  }

  function line(row, now) {
    const link = Object.assign(document.createElement("a"), { href: `/runs/${row.id}`, className: "recent-run" });
    const part = (text, name) => Object.assign(document.createElement("span"), { textContent: text, className: name });
    const r = row.test === undefined ? row.last : row.test;
    const dot = part("", `pill dot-only ${{ queued: "open", stopped: "open" }[row.state] || row.state}`);
    const number = r === undefined ? "" : ` · r ${r.toFixed(2).replace("-", "−")}`;
    link.append(dot, part(row.title, "recent-title"), part(`${row.state_word}${number} · ${span(Math.max(0, now - row.created))}`, "recent-about"));
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  window.addEventListener("spikedash:arrive", () => {
    room = document.querySelector('[data-runs="recent"]');
    token = "";
    rows = new Map();
    if (room) later(0);
  });
  window.addEventListener("spikedash:leave", () => {
    room = null;
    window.clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) later(0);
  });
})();
