"use strict";
// What the page shows now, and the numbers behind it. Everything else listens to `state` and asks `value`.

const DATA = JSON.parse(document.getElementById("data").textContent);
const NAMES = {
  val_loss: "validation loss", loss: "training loss",
  val_accuracy: "validation accuracy", accuracy: "training accuracy",
};
const spoken = (name) => name.replaceAll("_", " ");

// Half-precision floats in base64, as lrstudy.figures.page.numbers packs them.
function halves(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const bits = new DataView(bytes.buffer);
  return Float32Array.from({length: bytes.length / 2}, (_, place) => {
    const word = bits.getUint16(2 * place, true);
    const sign = word & 0x8000 ? -1 : 1, exponent = (word >> 10) & 31, fraction = word & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
  });
}

const STATISTICS = halves(DATA.statistics), CURVES = halves(DATA.curves);
const TRAININGS = DATA.values.length, EPOCHS = DATA.epochs, FIELDS = DATA.fields.length;
const GROUPS = [...new Set(DATA.groups)];
const isLoss = (metric) => metric.includes("loss");

function value(metric, training, epoch, field) {
  const row = (DATA.metrics.indexOf(metric) * TRAININGS + training) * EPOCHS.length + epoch;
  return STATISTICS[row * FIELDS + DATA.fields.indexOf(field)];
}

function seed(metric, training, epoch, which) {
  const row = (DATA.metrics.indexOf(metric) * TRAININGS + training) * EPOCHS.length + epoch;
  return CURVES[row * DATA.shown + which];
}

// The place of the last of `EPOCHS` that a training has.
function lastEpoch(training) {
  let epoch = EPOCHS.length - 1;
  while (epoch > 0 && Number.isNaN(value("val_loss", training, epoch, "mean"))) epoch -= 1;
  return epoch;
}

function placesOf(group) {
  return DATA.groups.flatMap((each, place) => (group === null || each === group ? [place] : []));
}

// The training of a group with the best mean at an epoch, or null where none has got so far.
function bestAt(metric, group, epoch) {
  let best = null;
  for (const place of placesOf(group)) {
    const here = value(metric, place, epoch, "mean");
    if (!Number.isFinite(here)) continue;
    const there = best === null ? NaN : value(metric, best, epoch, "mean");
    if (best === null || (isLoss(metric) ? here < there : here > there)) best = place;
  }
  return best;
}

function budgetOf(group, epochs) {
  const rows = DATA.budget[group] || [];
  return rows.find((row) => row[0] === epochs) || null;
}

// Numbers as people write them.
function short(number) {
  if (number === null || number === undefined || Number.isNaN(number)) return "–";
  if (!Number.isFinite(number)) return "not finite";
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return number.toExponential(1);
  return String(Number(number.toPrecision(3)));
}
const percent = (share) => `${Number((100 * share).toPrecision(3))} %`;
const shown = (metric, number) => (isLoss(metric) ? short(number) : percent(number));
const written = (over) => (typeof over === "number" ? String(over) : over);

const recommendedOf = (group) => (DATA.answers[group] || {}).recommended ?? null;
const isRecommended = (place) => recommendedOf(DATA.groups[place]) === DATA.values[place];

function first() {
  const group = GROUPS.includes(DATA.at) ? DATA.at : GROUPS[0];
  const found = placesOf(group).find(isRecommended);
  return found ?? bestAt("val_loss", group, EPOCHS.length - 1) ?? 0;
}

const state = {
  metric: "val_loss", relative: false, group: GROUPS.length > 1 ? null : GROUPS[0],
  epoch: EPOCHS.length - 1, training: first(), listeners: [],
  change(what) {
    const before = {...this};
    Object.assign(this, what);
    for (const listener of this.listeners) listener(before);
  },
};
