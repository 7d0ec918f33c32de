// Charts of Vega-Lite in the page's colours. Their texts are text: nothing here makes markup of a name.

const COLOURS = [0, 1, 2, 3, 4, 5, 6].map((place) => `var(--c${place})`);
const INK = "var(--ink)", SOFT = "var(--soft)";
const FONT = 'system-ui, "DejaVu Sans", sans-serif';
const CONFIG = {
  background: null, font: FONT, aria: false,
  view: {stroke: null},
  axis: {
    labelColor: INK, titleColor: INK, gridColor: "var(--grid)", domainColor: "var(--edge)", tickColor: "var(--edge)",
    labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 110, labelOverlap: true,
  },
  legend: {labelColor: INK, titleColor: INK, titleFontWeight: "normal", labelFontSize: 12, titleFontSize: 12},
  line: {strokeWidth: 2},
};

// Draw a specification into the element of this id; expressions are interpreted, so that no code is made of text.
async function draw(id, spec) {
  const whole = {
    width: "container", autosize: {type: "fit-x", contains: "padding"}, padding: {left: 2, right: 10, top: 6, bottom: 2},
    config: CONFIG, ...spec,
  };
  const options = {ast: true, actions: false, renderer: "svg", tooltip: false, defaultStyle: false, mode: "vega-lite"};
  const {view} = await vegaEmbed(`#${id}`, whole, options);
  return view;
}

const RATES = DATA.values.filter((each) => typeof each === "number");
const HAS_RATES = DATA.over === "learning_rate" && new Set(RATES).size > 1;

// Where a logarithmic axis has its labels: the decades and, of three or fewer, the 2 and the 5 between them.
function ticks(low, high) {
  const digits = high < 1000 * low ? [1, 2, 5] : [1];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power += 1) {
    for (const digit of digits) {
      const tick = Number((digit * 10 ** power).toPrecision(1));
      if (tick >= low * 0.999 && tick <= high * 1.001) found.push(tick);
    }
  }
  return found;
}

// An axis of numbers: logarithmic for losses and rates.
function logarithmic(field, title, low, high, more = {}) {
  const values = ticks(low, high);
  const axis = values.length > 1 ? {values, format: "~g"} : {tickCount: 4, format: "~g"};
  return {
    field, type: "quantitative", title,
    scale: {type: "log", domain: [low, high], nice: false, clamp: false, ...(more.scale || {})},
    axis: {...axis, ...(more.axis || {})},
  };
}

function overAxis(labels = true) {
  const title = labels ? spoken(DATA.over) : null;
  if (HAS_RATES) {
    const low = Math.min(...RATES), high = Math.max(...RATES), gap = (high / low) ** 0.03;
    return logarithmic("x", title, low / gap, high * gap, {axis: {labels, ticks: labels}});
  }
  const values = [...new Set(DATA.values)];
  const long = values.join("").length > 40;
  return {
    field: "x", type: "ordinal", title, sort: values.map(written), scale: {type: "point", padding: 0.5},
    axis: {labels, ticks: labels, labelAngle: long ? -35 : 0, labelOverlap: false},
  };
}

// The smallest interval that holds all finite positive numbers, a little wider.
function extent(numbers, least = 0) {
  const there = numbers.filter((each) => Number.isFinite(each) && each > 0);
  const low = Math.max(Math.min(...there), least), high = Math.max(...there);
  return there.length ? [low / 1.12, Math.max(high, low * 1.05) * 1.12] : [0.1, 1];
}

function colours() {
  if (GROUPS.length <= COLOURS.length) return {domain: GROUPS, range: COLOURS.slice(0, GROUPS.length)};
  const hue = (place) => `hsl(${Math.round((330 * place) / GROUPS.length)} 70% 50%)`;
  return {domain: GROUPS, range: GROUPS.map((_, place) => hue(place))};
}
const colourOf = (group) => colours().range[GROUPS.indexOf(group)];

// Tell a chart's reader, who may not see it, what it shows.
function describe(id, text) {
  document.getElementById(id).setAttribute("aria-label", text);
}
