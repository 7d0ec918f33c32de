// Controls and charts, tied together: what a reader points at or moves to is the state, and all charts follow it.

const element = (id) => document.getElementById(id);
const isMap = HAS_RATES && GROUPS.length > 2;

function nameOf(place) {
  const over = `${spoken(DATA.over)} ${written(DATA.values[place])}`;
  return DATA.other ? `${spoken(DATA.other)} ${DATA.groups[place]}, ${over}` : over;
}

// The numbers of a training after the epochs that the slider says.
function numbersOf(place) {
  const of = (field) => value(state.metric, place, state.epoch, field);
  const metric = state.metric, best = bestAt(metric, null, state.epoch);
  const epochs = `after ${EPOCHS[state.epoch]} ${EPOCHS[state.epoch] === 1 ? "epoch" : "epochs"}`;
  if (Number.isNaN(of("mean"))) return `${nameOf(place)}: was not trained for so long`;
  const bounds = Number.isNaN(of("low")) ? "" : ` (${shown(metric, of("low"))} to ${shown(metric, of("high"))} over seeds)`;
  const times = TRAININGS > 1 && isLoss(metric) && best !== null
    ? (best === place ? ", the best" : `, ${short(of("mean") / value(metric, best, state.epoch, "mean"))} times the best`) : "";
  const ends = newRows(place), ahead = ends ? `; on new rows ${short(ends[0])} to ${short(ends[1])}` : "";
  const failed = Math.round(DATA.failed[place] * DATA.seeds);
  return `${nameOf(place)}: ${NAMES[metric]} ${epochs} ${shown(metric, of("mean"))}${bounds}${times}${ahead}; ` +
    `90 % of seeds ${shown(metric, of("q05"))} to ${shown(metric, of("q95"))}; ${failed} of ${DATA.seeds} seeds failed`;
}

// The best rate after the epochs of the slider: budget.csv's where it has them.
function budgetWords() {
  const epochs = EPOCHS[state.epoch], trained = `${epochs} ${epochs === 1 ? "epoch" : "epochs"}`;
  if (TRAININGS === 1) return `After ${trained}: ${NAMES.val_loss} ${short(value("val_loss", 0, state.epoch, "mean"))}`;
  const groups = state.group === null ? GROUPS : [state.group];
  const said = groups.map((group) => {
    const row = budgetOf(group, epochs);
    const place = bestAt("val_loss", group, state.epoch);
    const name = groups.length > 1 ? `${group}: ` : "";
    if (row && row[1] !== null) {
      const range = row[2] === null ? "" : ` (${short(row[2])} to ${short(row[3])})`;
      return `${name}${row[1]}${range}, loss ${short(row[4])}`;
    }
    return place === null ? `${name}none` : `${name}${written(DATA.values[place])}, loss ${short(value("val_loss", place, state.epoch, "mean"))}`;
  });
  const told = DATA.budget[groups[0]] ? ". In brackets: rates nearly as good; the loss is that of the seeds that did not choose the rate" : "";
  return `After ${trained} the best ${spoken(DATA.over)}: ${said.join("; ")}${told}`;
}

function put(view, datasets) {
  for (const [name, rows] of Object.entries(datasets)) view.data(name, rows);
  view.runAsync();
}

function refresh() {
  put(views.over, overData());
  put(views.curves, curvesData());
  if (views.failed) put(views.failed, failedData());
  if (views.map) put(views.map, mapData());
  say();
}

function say() {
  const numbers = numbersOf(state.training), budget = budgetWords();
  element("numbers").textContent = numbers;
  element("budget").textContent = budget;
  element("epoch").setAttribute("aria-valuetext", budget);
  const own = placesOf(DATA.groups[state.training]);
  element("shown").max = own.length - 1;
  element("shown").value = own.indexOf(state.training);
  element("shown").setAttribute("aria-valuetext", numbers);
  describe("over", `Chart: ${NAMES[state.metric]} over ${spoken(DATA.over)}. ${budget}. ${numbers}.`);
  describe("curves", `Chart: ${NAMES[state.metric]} of each seed over epochs. ${numbers}.`);
  describe("failed", `Chart: share of failed seeds over ${spoken(DATA.over)}.`);
  describe("map", `Map: ${NAMES[state.metric]} over ${spoken(DATA.over)} and ${spoken(DATA.other || "")}. ${numbers}.`);
  element("curves-caption").textContent =
    `${nameOf(state.training)}: median of ${DATA.seeds} seeds; bands: the middle half and the middle 90 % of them` +
    (DATA.shown && DATA.seeds > 1 ? `; thin lines: ${DATA.shown === DATA.seeds ? "every seed" : `seeds 0 to ${DATA.shown - 1}`}.` : ".");
}

function captions() {
  const confidence = `${Number((100 * DATA.confidence).toPrecision(3))} % intervals`;
  const answers = Object.values(DATA.answers), picked = GROUPS.length > 1 ? "of a line that is picked, " : "";
  const marks = answers.length ? `; star: recommended; ${picked}shaded: the good range` : "";
  const dashes = GROUPS.length > 1 ? " Dashes: where lines lie on each other, the one below shows in the gaps." : "";
  const news = answers.some((each) => each.new_rows)
    ? "; bar at the star: the interval of its loss on new rows, after the last epoch" : "";
  const limit = answers.some((each) => each.limit)
    ? "; dotted, where it lies within the chart: theory's limit for descent over all rows at once" : "";
  const diamond = TRAININGS > 1 ? `; diamond: the best after these epochs${marks ? ", where it is another" : ""}` : "";
  const failed = DATA.failed.some((share) => share > 0)
    ? " Failed: a loss was not finite, or training got nowhere or worse." : " No seed failed.";
  element("over-caption").textContent =
    `Mean of ${DATA.seeds} seeds, each loss capped at its own before training; bands: ${confidence} of that mean, ` +
    `over these seeds${marks}${news}${limit}${diamond}.${failed}` + (TRAININGS > 1 ? ` Point at a value for its seeds' curves.${dashes}` : "");
  element("map-caption").textContent =
    "Each cell is a training; star: recommended; cross: some seeds failed. Click a cell for its seeds' curves.";
}

// Which training lies under a place in the chart: the nearest value, and of several lines the nearest.
function under(event) {
  const box = element("over").querySelector("svg").getBoundingClientRect();
  const scale = box.width / (Number(element("over").querySelector("svg").getAttribute("width")) || box.width);
  const [left, top] = views.over.origin();
  const x = (event.clientX - box.left) / scale - left, y = (event.clientY - box.top) / scale - top;
  const across = views.over.scale("x"), up = views.over.scale("y");
  let found = null, least = Infinity;
  for (const each of points().filter((one) => one.on)) {
    const far = 1000 * Math.abs(across(each.x) - x) + Math.abs(up(each.y) - y);
    if (far < least) [found, least] = [each.place, far];
  }
  return found;
}

function startPointing() {
  const tip = element("tip");
  const point = (event) => {
    const place = under(event);
    if (place === null) return;
    if (place !== state.training) state.change({training: place});
    tip.textContent = numbersOf(place).replaceAll("; ", "\n").replace(": ", "\n");
    tip.hidden = false;
    const rightmost = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(4, Math.min(event.pageX + 14, rightmost))}px`;
    tip.style.top = `${event.pageY + 16}px`;
  };
  for (const name of ["pointermove", "pointerdown"]) element("over").addEventListener(name, point);
  element("over").addEventListener("pointerleave", () => { tip.hidden = true; });
}

function startControls() {
  element("metric").addEventListener("change", (event) => state.change({metric: event.target.value}));
  element("relative").addEventListener("change", (event) => state.change({relative: event.target.checked}));
  const epoch = element("epoch");
  Object.assign(epoch, {min: 1, max: EPOCHS.length - 1, value: state.epoch});
  epoch.addEventListener("input", () => state.change({epoch: Number(epoch.value)}));
  element("shown-label").textContent = `${spoken(DATA.over)} shown`;
  const shownSlider = element("shown");
  shownSlider.min = 0;
  shownSlider.addEventListener("input", () => {
    state.change({training: placesOf(DATA.groups[state.training])[Number(shownSlider.value)]});
  });
  if (GROUPS.length > 1) startGroups();
}

function startGroups() {
  const box = element("groups");
  box.hidden = false;
  box.querySelector("legend").textContent = spoken(DATA.other);
  for (const group of [null, ...GROUPS]) {
    const label = document.createElement("label"), button = document.createElement("input");
    Object.assign(button, {type: "radio", name: "group", checked: group === state.group});
    button.addEventListener("change", () => pick(group));
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    if (group !== null) swatch.style.background = colourOf(group);
    label.append(button, swatch, group === null ? "all" : group);
    box.append(label);
  }
}

// A picked line shows its recommended training, or its best.
function pick(group) {
  if (group === null) { state.change({group}); return; }
  const own = placesOf(group);
  const training = own.find(isRecommended) ?? bestAt("val_loss", group, EPOCHS.length - 1);
  state.change({group, training: training ?? own[0]});
}

async function drawAll() {
  element("relative-label").hidden = !isLoss(state.metric);
  [views.over, views.curves] = await Promise.all([draw("over", overSpec()), draw("curves", curvesSpec())]);
  if (DATA.failed.some((share) => share > 0)) views.failed = await draw("failed", failedSpec());
  if (isMap) {
    element("map-figure").hidden = false;
    views.map = await draw("map", mapSpec());
    views.map.addEventListener("click", (_, item) => {
      if (item && item.datum && item.datum.place !== undefined) state.change({training: item.datum.place});
    });
  }
  say();
}

async function start() {
  element("charts").hidden = false;
  startControls();
  startTable();
  captions();
  await drawAll();
  startPointing();
  state.listeners.push((before) => {
    if (before.metric !== state.metric || before.relative !== state.relative) return drawAll();
    return refresh();
  });
  await startDescent();
  document.body.dataset.ready = "yes";
}

start();
