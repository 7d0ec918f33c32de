// For a teacher: the path of gradient descent over the contours of the loss, at a rate of the reader's choice.

const PATHS = DATA.descent;

function contours() {
  const lines = PATHS.contours.flatMap((contour, level) => contour.lines.map((line) => [level, line]));
  return lines.flatMap(([level, line], which) => line.map(([x, y], order) => ({level, which, order, x, y})));
}

function pathSpec() {
  const axis = (field, place) => ({
    field, type: "quantitative", title: `weight of ${PATHS.features[place]}`, axis: {grid: false, tickCount: 5},
    scale: {domain: PATHS.spans[place], nice: false, zero: false},
  });
  const x = axis("x", 0), y = axis("y", 1), order = {field: "order", type: "quantitative"};
  const best = [{x: PATHS.best[0], y: PATHS.best[1]}];
  const start = [{x: PATHS.paths[0][0][0], y: PATHS.paths[0][0][1]}];
  const mark = (name, what) => ({data: {name}, mark: {type: "point", opacity: 1, clip: true, ...what}, encoding: {x, y}});
  return {
    height: 380, datasets: {contours: contours(), best, start, path: [], end: []},
    layer: [
      {
        data: {name: "contours"}, mark: {type: "line", clip: true, strokeWidth: 1, color: SOFT},
        encoding: {
          x, y, order, detail: {field: "which"},
          opacity: {field: "level", type: "quantitative", scale: {range: [0.9, 0.25]}, legend: null},
        },
      },
      {
        data: {name: "path"}, encoding: {x, y, order},
        mark: {type: "line", clip: true, strokeWidth: 1.5, color: "var(--c0)", point: {size: 28, filled: true, color: "var(--c0)"}},
      },
      mark("start", {shape: "circle", size: 200, stroke: INK, strokeWidth: 2, fill: "transparent"}),
      mark("best", {shape: STAR, size: 240, fill: "var(--paper)", stroke: INK}),
      mark("end", {shape: "square", size: 80, fill: "var(--c1)", stroke: INK}),
    ],
  };
}

// What became of a path: it arrives where it ends within a twentieth of the way that it had to go.
function fate(place) {
  const path = PATHS.paths[place], end = path.at(-1), start = path[0];
  const off = ([x, y]) => Math.hypot(x - PATHS.best[0], y - PATHS.best[1]);
  if (PATHS.rates[place] > PATHS.limit) return "above the limit: it jumps across the valley and does not stay at the lowest loss";
  return off(end) < off(start) / 20 ? "it arrives at the lowest loss" : "it creeps, and is still on its way";
}

function descentWords(place) {
  const rate = PATHS.rates[place], path = PATHS.paths[place], out = path.findIndex(outside);
  const left = out < 0 ? "" : ` At step ${out} it leaves the picture.`;
  return (
    `${short(rate)}, ${percent(rate / PATHS.limit)} of the limit: ${fate(place)}. After ${path.length - 1} steps the loss is ` +
    `${short(path.at(-1)[2])}; the lowest is ${short(PATHS.lowest)}.${left}`
  );
}

function outside([x, y]) {
  const [[left, right], [bottom, top]] = PATHS.spans;
  return x < left || x > right || y < bottom || y > top;
}

async function startDescent() {
  if (!PATHS) return;
  document.getElementById("descent").hidden = false;
  const slider = document.getElementById("descent-rate");
  const logs = PATHS.rates.map(Math.log);
  const share = (Math.log(PATHS.limit) - logs[0]) / (logs.at(-1) - logs[0]);
  const label = document.querySelector("#limit span");
  label.textContent = `limit ${short(PATHS.limit)}`;
  label.style.left = `${100 * share}%`;
  // The slider moves evenly in log rate, so that the limit stands where it belongs; it snaps to the rates trained.
  slider.max = 1000;
  const at = (place) => Math.round((1000 * (logs[place] - logs[0])) / (logs.at(-1) - logs[0]));
  let now = nearestTo(PATHS.rates, PATHS.limit / 2);
  slider.value = at(now);
  document.getElementById("path-caption").textContent =
    `Seed 0, ${PATHS.paths[0].length - 1} steps over ${PATHS.rows} at once: a logistic regression on two features, ` +
    `with a penalty of ${PATHS.penalty}/2 on squared weights. Circle: start; square: end; star: the lowest loss. ` +
    "Contours: that loss, with the bias at its best. Limit: 2 over the loss's curvature where it is lowest. Another model " +
    "than the study's, without batches: these rates do not compare with those above.";
  const view = await draw("path", pathSpec());
  const show = (place) => {
    now = place;
    const path = PATHS.paths[place].map(([x, y], order) => ({x, y, order}));
    view.data("path", path).data("end", path.slice(-1)).runAsync();
    const words = descentWords(place);
    document.getElementById("descent-words").textContent = words;
    slider.setAttribute("aria-valuetext", words);
    describe("path", `Path of gradient descent over the contours of the loss. Learning rate ${words}`);
  };
  slider.addEventListener("input", () => {
    const log = logs[0] + (slider.value / 1000) * (logs.at(-1) - logs[0]);
    show(nearestTo(PATHS.rates, Math.exp(log)));
  });
  slider.addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    show(Math.min(Math.max(now + step, 0), logs.length - 1));
    slider.value = at(now);
  });
  show(now);
}

function nearestTo(rates, wanted) {
  const far = rates.map((rate) => Math.abs(Math.log(rate / wanted)));
  return far.indexOf(Math.min(...far));
}
