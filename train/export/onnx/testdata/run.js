// Runs ONNX files in onnxruntime: reads [{model, input, data, rows}] on standard input, writes [{NAME: numbers}].
const ort = require("onnxruntime-node");

async function run(c) {
  const session = await ort.InferenceSession.create(c.model);
  const x = new ort.Tensor("float32", Float32Array.from(c.data), [c.rows, c.data.length / c.rows]);
  const out = await session.run({ [c.input]: x });
  return Object.fromEntries(Object.entries(out).map(([name, t]) => [name, Array.from(t.data)]));
}

async function main() {
  const results = [];
  for (const c of JSON.parse(require("fs").readFileSync(0, "utf8"))) results.push(await run(c));
  require("fs").writeSync(1, JSON.stringify(results));
}

main();
