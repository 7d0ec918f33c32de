// The linked charts: a measure over the rates, the failed seeds, one training's seeds over the epochs, the map.

const views = {};
const LOWEST = 6e-8;
const atLeast = (number) => (isLoss(state.metric) ? Math.max(number, LOWEST) : number);
const isOn = (group) => state.group === null || group === state.group;

// What a mean is divided by: the best of all at this epoch, or 1.
function unit() {
  if (!state.relative || !isLoss(state.metric)) return 1;
  const best = bestAt(state.metric, null, state.epoch);
  return best === null ? 1 : atLeast(value(state.metric, best, state.epoch, "mean"));
}

function point(place) {
  const of = (field) => atLeast(value(state.metric, place, state.epoch, field)) / unit();
  return {
    place, x: typeof DATA.values[place] === "number" ? DATA.values[place] : written(DATA.values[place]),
    g: DATA.groups[place], on: isOn(DATA.groups[place]), y: of("mean"), low: of("low"), high: of("high"),
  };
}

const points = () => DATA.values.map((_, place) => point(place)).filter((each) => Number.isFinite(each.y));

// The interval of a recommended training's loss on new rows, which is known after its last epoch alone.
function newRows(place) {
  const known = state.metric === "val_loss" && state.epoch === lastEpoch(place) && isRecommended(place);
  return (known && DATA.answers[DATA.groups[place]].new_rows) || null;
}

function measureAxis() {
  const title = NAMES[state.metric] + (state.relative && isLoss(state.metric) ? " (multiple of the best)" : "");
  if (!isLoss(state.metric)) {
    return {field: "y", type: "quantitative", title, scale: {domain: [0, 1]}, axis: {format: "%", minExtent: 52}};
  }
  const all = [];
  for (let place = 0; place < TRAININGS; place += 1) {
    for (let epoch = 1; epoch < EPOCHS.length; epoch += 1) {
      for (const field of ["mean", "low", "high"]) all.push(value(state.metric, place, epoch, field));
    }
  }
  if (state.metric === "val_loss") all.push(...Object.values(DATA.answers).flatMap((each) => each.new_rows || []));
  const [low, high] = extent(all, LOWEST);
  const [from, to] = state.relative ? [0.9, high / low] : [low, high];
  return logarithmic("y", title, from, to, {axis: {minExtent: 52}});
}

// The layers of the chart over the rates; x is a rate, or a name.
function overSpec() {
  const x = overAxis(true), y = measureAxis();
  const scale = colours();
  const colour = {field: "g", type: "nominal", scale, legend: null};
  const faint = (full) => ({condition: {test: "datum.on", value: full}, value: full / 8});
  const bounds = {y: {...y, field: "low"}, y2: {field: "high"}};
  const band = HAS_RATES
    ? {mark: {type: "area", clip: true}, encoding: {x, ...bounds, color: colour, opacity: faint(0.2)}}
    : {mark: {type: "rule", strokeWidth: 3, clip: true}, encoding: {x, ...bounds, color: colour, opacity: faint(0.6)}};
  // Each line has wider gaps than those drawn before it, so that one that lies exactly on another does not hide it.
  const gaps = [[1, 0], [9, 4], [6, 5], [4, 6], [2, 5], [7, 7], [1, 4]];
  const dashes = GROUPS.map((_, place) => gaps[place % gaps.length]);
  const dash = {field: "g", type: "nominal", scale: {domain: GROUPS, range: dashes}, legend: null};
  const line = {mark: {type: "line", clip: true}, encoding: {x, y, color: colour, strokeDash: dash, opacity: faint(1)}};
  const dots = {
    mark: {type: "point", filled: true, size: 34, clip: true}, encoding: {x, y, color: colour, opacity: faint(1)},
  };
  const marked = (name, mark) => ({
    data: {name}, mark: {type: "point", fillOpacity: 1, opacity: 1, clip: true, ...mark},
    encoding: {x, y, fill: mark.filled ? {...colour} : undefined},
  });
  const range = {
    data: {name: "range"}, mark: {type: "rect", color: "var(--good)", opacity: 0.2},
    encoding: {x: {...x, field: "from"}, x2: {field: "to"}},
  };
  const limit = {
    data: {name: "limit"}, encoding: {x},
    mark: {type: "rule", color: "var(--c1)", strokeDash: [1, 3], strokeWidth: 2, clip: true},
  };
  const chosen = {data: {name: "chosen"}, mark: {type: "rule", color: SOFT, strokeDash: [4, 3]}, encoding: {x}};
  return {
    height: 300, datasets: overData(), data: {name: "points"},
    layer: [
      ...(HAS_RATES ? [range, limit] : []), chosen, band, ...(HAS_RATES ? [line] : []), dots,
      ...["from", "to"].map((end) => ({
        data: {name: "news"}, mark: {type: "tick", orient: "horizontal", size: 14, thickness: 2, color: INK, clip: true},
        encoding: {x, y: {...y, field: end}},
      })),
      {
        data: {name: "news"}, mark: {type: "rule", color: INK, strokeWidth: 2, clip: true},
        encoding: {x, y: {...y, field: "from"}, y2: {field: "to"}},
      },
      marked("stars", {shape: STAR, size: 210, filled: true, stroke: INK, strokeWidth: 1}),
      marked("best", {shape: "diamond", size: 190, filled: false, fill: "transparent", stroke: INK, strokeWidth: 2}),
    ],
  };
}

function overData() {
  const groups = state.group === null ? GROUPS : [state.group];
  const isOther = (place) => TRAININGS > 1 && place !== null && !isRecommended(place);
  const best = groups.map(bestNow).filter(isOther);
  const all = points();
  return {
    points: all, stars: all.filter((each) => each.on && isRecommended(each.place)), news: news(all),
    ...(HAS_RATES ? {range: ranges(), limit: limits()} : {}), chosen: [point(state.training)], best: best.map(point),
  };
}

// The best training of a group at the epoch of the slider: that of `budget.csv`, where it has one.
function bestNow(group) {
  const row = state.metric === "val_loss" ? budgetOf(group, EPOCHS[state.epoch]) : null;
  const place = row ? placesOf(group).find((each) => DATA.values[each] === row[1]) : undefined;
  return place ?? bestAt(state.metric, group, state.epoch);
}

function news(all) {
  const known = answerShown().new_rows ? all.filter((each) => each.on && newRows(each.place)) : [];
  return known.map((each) => ({x: each.x, from: newRows(each.place)[0] / unit(), to: newRows(each.place)[1] / unit()}));
}

// What is said of the one line that is shown: from where to where rates are good, and where theory has its limit.
function answerShown() {
  const group = state.group ?? (GROUPS.length === 1 ? GROUPS[0] : null);
  return (group === null ? null : DATA.answers[group]) || {};
}

function ranges() {
  const range = answerShown().good_range;
  return range ? [{from: range[0] / 1.03, to: range[1] * 1.03}] : [];
}

function limits() {
  const limit = answerShown().limit, inside = limit && limit >= Math.min(...RATES) && limit <= Math.max(...RATES);
  return inside ? [{x: limit}] : [];
}

const STAR = "M0,-1L0.2245,-0.309L0.9511,-0.309L0.3633,0.118L0.5878,0.809L0,0.382L-0.5878,0.809L-0.3633,0.118L-0.9511,-0.309L-0.2245,-0.309Z";

function failedSpec() {
  const x = overAxis(false);
  const y = {
    field: "share", type: "quantitative", title: "failed seeds", scale: {domain: [0, 1]},
    axis: {format: "%", values: [0, 0.5, 1], minExtent: 52},
  };
  const color = {field: "g", type: "nominal", scale: colours(), legend: null};
  const opacity = {condition: {test: "datum.on", value: 1}, value: 0.12};
  return {
    height: 60, datasets: failedData(), data: {name: "failed"},
    layer: [
      {mark: {type: "rule", strokeWidth: 2}, encoding: {x, y: {...y, field: "low"}, y2: {field: "high"}, color, opacity}},
      {mark: {type: "point", filled: true, size: 34}, encoding: {x, y, color, opacity}},
    ],
  };
}

function failedData() {
  const failed = points().map((each) => ({
    ...each, share: DATA.failed[each.place], low: DATA.failedLow[each.place], high: DATA.failedHigh[each.place],
  }));
  return {failed};
}

// The axis of the seeds' curves holds the middle of all trainings, so that two of them can be compared.
function curvesSpec() {
  const x = {
    field: "e", type: "quantitative", title: "epochs trained", scale: {domain: [0, EPOCHS.at(-1)], nice: false},
    axis: {tickMinStep: 1, format: "d"},
  };
  const ends = [], medians = [];
  for (let place = 0; place < TRAININGS; place += 1) {
    const last = lastEpoch(place);
    ends.push(value(state.metric, place, 0, "q95"), value(state.metric, place, last, "q05"));
    medians.push(value(state.metric, place, last, "q50"));
  }
  // A few seeds' losses of next to nothing, at rates too large, are no reason to crowd all the others.
  const least = Math.max(LOWEST, Math.min(...medians.filter((each) => each > 0)) / 10);
  const title = NAMES[state.metric];
  const y = isLoss(state.metric)
    ? logarithmic("y", title, ...extent(ends, least), {axis: {minExtent: 52}})
    : {field: "y", type: "quantitative", title, scale: {domain: [0, 1]}, axis: {format: "%", minExtent: 52}};
  const area = (from, to, opacity) => ({
    data: {name: "bands"}, mark: {type: "area", clip: true, opacity, color: "var(--c0)"},
    encoding: {x, y: {...y, field: from}, y2: {field: to}},
  });
  return {
    height: 360, datasets: curvesData(),
    layer: [
      {data: {name: "now"}, mark: {type: "rule", color: SOFT, strokeDash: [4, 3]}, encoding: {x}},
      area("q05", "q95", 0.16), area("q25", "q75", 0.22),
      {
        data: {name: "seeds"}, mark: {type: "line", clip: true, strokeWidth: 0.7, opacity: Math.min(0.6, 12 / (DATA.shown + 1)), color: SOFT},
        encoding: {x, y, detail: {field: "s"}},
      },
      {data: {name: "bands"}, mark: {type: "line", clip: true, color: "var(--c0)", strokeWidth: 3}, encoding: {x, y}},
    ],
  };
}

function curvesData() {
  const place = state.training, bands = [], seeds = [], last = lastEpoch(place);
  const of = (epoch, field) => atLeast(value(state.metric, place, epoch, field));
  for (let epoch = 0; epoch <= last; epoch += 1) {
    const e = EPOCHS[epoch];
    const [q05, q25, y, q75, q95] = ["q05", "q25", "q50", "q75", "q95"].map((field) => Math.min(of(epoch, field), 1e9));
    bands.push({e, q05, q25, y, q75, q95});
    for (let which = 0; which < DATA.shown; which += 1) {
      seeds.push({e, s: which, y: Math.min(atLeast(seed(state.metric, place, epoch, which)), 1e9)});
    }
  }
  return {bands, seeds: seeds.filter((each) => Number.isFinite(each.y)), now: [{e: EPOCHS[state.epoch]}]};
}

// Middles between neighbouring rates, where the cells of the map meet.
function edges() {
  const rates = [...new Set(RATES)].sort((one, other) => one - other);
  const between = rates.slice(1).map((rate, place) => Math.sqrt(rate * rates[place]));
  return new Map(rates.map((rate, place) => [rate, [
    between[place - 1] ?? rate ** 2 / between[place], between[place] ?? rate ** 2 / between[place - 1],
  ]]));
}

function mapSpec() {
  const ends = [...edges().values()].flat();
  const x = logarithmic("from", spoken(DATA.over), Math.min(...ends), Math.max(...ends));
  const y = {field: "g", type: "ordinal", sort: GROUPS, title: spoken(DATA.other), scale: {padding: 0.04}, axis: {minExtent: 52}};
  const color = {
    field: "y", type: "quantitative", title: NAMES[state.metric],
    scale: {type: isLoss(state.metric) ? "log" : "linear", scheme: "cividis", reverse: isLoss(state.metric)},
    legend: {format: isLoss(state.metric) ? "~g" : "%", orient: "top", gradientLength: 200, direction: "horizontal", tickCount: 6},
  };
  const centre = {...x, field: "x"};
  return {
    height: 34 * GROUPS.length, datasets: mapData(),
    layer: [
      {data: {name: "cells"}, mark: {type: "rect", cursor: "pointer"}, encoding: {x, x2: {field: "to"}, y, color}},
      {data: {name: "chosen"}, mark: {type: "rect", fill: null, stroke: "var(--c1)", strokeWidth: 3}, encoding: {x, x2: {field: "to"}, y}},
      {data: {name: "bad"}, mark: {type: "point", shape: "cross", angle: 45, size: 60, filled: true, fill: "#fff", stroke: "#000", strokeWidth: 0.6, opacity: 1}, encoding: {x: centre, y}},
      {data: {name: "stars"}, mark: {type: "point", shape: STAR, size: 210, fill: "#fff", stroke: "#000", opacity: 1}, encoding: {x: centre, y}},
    ],
  };
}

function mapData() {
  const ends = edges();
  const cells = points().map((each) => ({...each, from: ends.get(each.x)[0], to: ends.get(each.x)[1]}));
  return {
    cells, chosen: cells.filter((each) => each.place === state.training),
    stars: cells.filter((each) => isRecommended(each.place)), bad: cells.filter((each) => DATA.failed[each.place] > 0),
  };
}
