// The filter of the list: words that the name or a setting must hold, and comparisons such as p<0.5 or state=running.

const fields = {
  name: (r) => r.name, kind: (r) => r.kind, state: (r) => r.state, model: (r) => r.model, data: (r) => r.data,
  p: (r) => r.p, d: (r) => r.d, rate: (r) => r.rate, r: (r) => r.rate, seeds: (r) => r.seeds,
  test: (r) => r.test_mse, gap: (r) => r.gap, limit: (r) => r.limit, theory: (r) => r.finite_d ?? r.limit, step: (r) => r.step, steps: (r) => r.steps,
};

const comparisons = {
  "=": (a, b) => a === b, "!=": (a, b) => a !== b, "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
};

// parse returns a test of a row, and the words that it does not know.
export function parse(text) {
  const tests = [];
  const wrong = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const parts = word.match(/^([a-z_]+)(!=|<=|>=|=|<|>)(.*)$/i);
    if (!parts) tests.push(contains(word.toLowerCase()));
    else if (fields[parts[1].toLowerCase()]) tests.push(comparison(fields[parts[1].toLowerCase()], parts[2], parts[3]));
    else wrong.push(parts[1]);
  }
  return { matches: (row) => tests.every((test) => test(row)), wrong, fields: Object.keys(fields) };
}

function contains(word) {
  return (row) => [row.name, row.kind, row.model, row.data, row.state].some((text) => text.toLowerCase().includes(word));
}

function comparison(field, operator, wanted) {
  const number = Number(wanted);
  return (row) => {
    const value = field(row);
    if (value === null || value === undefined || wanted === "") return false;
    if (typeof value === "number") return comparisons[operator](value, number);
    return comparisons[operator](value.toLowerCase(), wanted.toLowerCase());
  };
}
