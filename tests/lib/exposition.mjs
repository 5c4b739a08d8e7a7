// The text exposition format 0.0.4 that Prometheus reads, strictly: whatever a line may not be is an
// error, and so is a sample without a type, twice, or apart from the others of its metric.
import assert from "node:assert/strict";

const NAME = /^[a-z_:][a-z0-9_:]*$/;
const LABELS = /^([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const TYPES = ["counter", "gauge", "histogram"];

function parseLabels(text) {
  const labels = {};
  for (let rest = text; rest; ) {
    const found = LABELS.exec(rest);
    assert.ok(found, `labels ${text}`);
    assert.ok(!(found[1] in labels), `a label twice: ${text}`);
    labels[found[1]] = found[2];
    rest = rest.slice(found[0].length);
  }
  return labels;
}

/** Which metric a sample belongs to. */
function familyOf(families, name) {
  if (families.has(name)) return families.get(name);
  const base = name.replace(/_(bucket|sum|count)$/, "");
  const family = families.get(base);
  assert.ok(family?.type === "histogram", `a sample without a type: ${name}`);
  return family;
}

function checkValue(family, sample) {
  assert.ok(Number.isFinite(sample.value), `the value of ${sample.name}`);
  if (family.type === "counter") {
    assert.match(family.name, /_total$/);
    assert.ok(sample.value >= 0);
  }
}

/** Buckets rise, and the last one is the count. */
function checkHistogram({ name, samples }) {
  const buckets = samples.filter((s) => s.name === `${name}_bucket`);
  const bounds = buckets.map((s) => (s.labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(s.labels.le)));
  for (let i = 1; i < buckets.length; i++) {
    assert.ok(bounds[i] > bounds[i - 1]);
    assert.ok(buckets[i].value >= buckets[i - 1].value);
  }
  assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
  assert.equal(samples.find((s) => s.name === `${name}_count`).value, buckets.at(-1).value);
  assert.ok(samples.some((s) => s.name === `${name}_sum`));
}

/** Every metric with its type, help and samples, by name. */
export function parse(text) {
  assert.ok(text.endsWith("\n"), "the last line ends");
  const families = new Map();
  let current;
  for (const line of text.slice(0, -1).split("\n")) {
    const head = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (head?.[1] === "HELP") {
      assert.match(head[2], NAME);
      assert.ok(!families.has(head[2]), `${head[2]} twice`);
      current = { name: head[2], help: head[3], samples: [] };
      families.set(current.name, current);
    } else if (head) {
      assert.ok(head[2] === current.name && !current.type && TYPES.includes(head[3]), line);
      current.type = head[3];
    } else {
      const found = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (-?[0-9.]+)$/.exec(line);
      assert.ok(found, `no sample: ${line}`);
      const sample = { name: found[1], labels: parseLabels(found[2] ?? ""), value: Number(found[3]) };
      assert.equal(familyOf(families, sample.name), current, `apart from the others: ${line}`);
      const same = current.samples.some(
        (s) => s.name === sample.name && JSON.stringify(s.labels) === JSON.stringify(sample.labels),
      );
      assert.ok(!same, `twice: ${line}`);
      checkValue(current, sample);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) {
    assert.ok(family.type && family.samples.length > 0, `nothing of ${family.name}`);
    if (family.type === "histogram") checkHistogram(family);
  }
  return families;
}

/** The sum of a metric's samples that have these labels. */
export function value(families, name, labels = {}) {
  const wanted = Object.entries(labels);
  const samples = families.get(name).samples.filter((s) => wanted.every(([key, text]) => s.labels[key] === text));
  assert.ok(samples.length > 0, `${name} ${JSON.stringify(labels)}`);
  return samples.reduce((sum, s) => sum + s.value, 0);
}
