// Runs that differ in their seeds only, as one row: mean and deviation of their numbers.
(function () {
  const known = (value) => typeof value === "number" && Number.isFinite(value);

  // Mean and sample standard deviation of what is known.
  function spread(members, field) {
    const values = members.map((row) => row[field]).filter(known);
    if (!values.length) return {};
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (values.length < 2) return { [field]: mean };
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { [field]: mean, [`${field}_sd`]: Math.sqrt(squares / (values.length - 1)) };
  }

  // Runs of the same seeds give the same bits, so only the one that came furthest counts.
  function distinct(members) {
    const found = new Map();
    const far = (row) => (row.loops_done || 0) + (row.tests_done || 0);
    for (const row of members) {
      const key = `${row.seed} ${row.target_seed}`;
      if (!found.has(key) || far(row) > far(found.get(key))) found.set(key, row);
    }
    return [...found.values()];
  }

  function groups(list) {
    const found = new Map();
    for (const row of list) found.set(row.alike, [...(found.get(row.alike) || []), row]);
    return [...found.values()].map((members) => {
      const newest = members[0];
      const states = [...new Set(members.map((row) => row.state_word))];
      const seeds = distinct(members);
      const numbers = Object.assign({}, ...["best", "last", "test", "rate_hz"].map((field) => spread(seeds, field)));
      const titles = new Set(members.map((row) => row.title));
      const { best, last, test, rate_hz, ...rest } = newest;
      const ordered = [...members].sort((a, b) => a.seed - b.seed || a.target_seed - b.target_seed);
      const mixed = states.length > 1 ? { state: "open", state_word: "Mixed" } : {};
      return { ...rest, ...numbers, ...mixed, id: `g${newest.alike}`, title: titles.size > 1 && newest.name ? newest.name : newest.title, members: ordered, seeds: seeds.length, seed: ordered[0].seed };
    });
  }

  window.spikedash = Object.assign({}, window.spikedash, { runsGroups: groups });
})();
