// The table of every training: sorted by any column, downloaded as CSV, each row a way to its curves.

const TABLE = document.getElementById("rates");
const cell = (row, column) => row.cells[column].querySelector("data").value;

function compare(one, other) {
  const numbers = [one, other].map((text) => (text.trim() === "" ? NaN : Number(text)));
  if (numbers.every((each) => !Number.isNaN(each))) return numbers[0] - numbers[1];
  const empty = [one, other].map((text) => text === "");
  return empty[0] - empty[1] || one.localeCompare(other);
}

function sortBy(head) {
  const column = head.cellIndex, body = TABLE.tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const each of TABLE.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...body.rows];
  rows.sort((one, other) => compare(cell(one, column), cell(other, column)));
  body.append(...(down ? rows.reverse() : rows));
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function asCsv() {
  const names = [...TABLE.tHead.rows[0].cells].map((head) => head.dataset.name);
  const rows = [...TABLE.tBodies[0].rows].map((row) => names.map((_, column) => cell(row, column)));
  return [names, ...rows].map((row) => row.map(quoted).join(",") + "\n").join("");
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asCsv()], {type: "text/csv"}));
  link.download = document.getElementById("download").dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function startTable() {
  for (const head of TABLE.tHead.rows[0].cells) head.querySelector("button").addEventListener("click", () => sortBy(head));
  const button = document.getElementById("download");
  button.hidden = false;
  button.addEventListener("click", download);
  for (const row of TABLE.tBodies[0].rows) {
    const show = () => state.change({training: Number(row.dataset.place)});
    row.querySelector(".show").addEventListener("focus", show);
    row.addEventListener("click", show);
  }
  state.listeners.push(() => {
    for (const row of TABLE.tBodies[0].rows) row.classList.toggle("chosen", Number(row.dataset.place) === state.training);
  });
}
