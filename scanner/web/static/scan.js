// Read a page: the file goes to the server as it is, its numbers and annotated pages come back.

const drop = document.getElementById("drop");
const input = document.getElementById("file");
const progress = document.getElementById("progress");
const scanError = document.getElementById("scan-error");
const result = document.getElementById("result");
const resultName = document.getElementById("result-name");
const note = document.getElementById("note");
const pages = document.getElementById("pages");
const csv = document.getElementById("csv");

const maxBytes = Number(input.dataset.maxBytes);
const COLUMNS = [
  ["field", "Field"],
  ["table", "Table"],
  ["row", "Row"],
  ["column", "Column"],
  ["text", "Number"],
  ["kind", "Kind"],
  ["confidence", "Confidence"],
  ["review", "Please check"],
];
// A page that is no form has no fields, most have no tables, and numbers are handwritten unless said otherwise.
const ONLY_IF_TOLD = ["field", "table", "kind"];

let newest = 0; // counts the files sent: only the newest one's answer is shown

async function send(file) {
  if (file.size > maxBytes) {
    throw new Error(`${file.name}: is larger than ${Math.round(maxBytes / 1024 ** 2)} MB; scan it from the command line`);
  }
  const answered = await fetch(`/scan?name=${encodeURIComponent(file.name)}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
  const told = await answered.json();
  if (!answered.ok) {
    throw new Error(told.error);
  }
  return told;
}

async function scan(file) {
  const mine = (newest += 1);
  scanError.textContent = "";
  result.hidden = true;
  progress.textContent = `Reading ${file.name} …`;
  try {
    const told = await send(file);
    if (mine === newest) {
      progress.textContent = "";
      show(told);
    }
  } catch (error) {
    if (mine === newest) {
      progress.textContent = "";
      scanError.textContent = error instanceof TypeError ? "The server does not answer; is it still running?" : error.message;
    }
  }
}

function show(told) {
  const count = told.pages.reduce((sum, page) => sum + page.numbers.length, 0);
  resultName.textContent = `${told.file}: ${count} ${count === 1 ? "number" : "numbers"}`;
  note.textContent = told.note;
  pages.replaceChildren(...told.pages.map(pageElement));
  URL.revokeObjectURL(csv.href);
  csv.href = URL.createObjectURL(new Blob([told.csv], { type: "text/csv" }));
  result.hidden = false;
}

function pageElement(page) {
  const figure = document.createElement("figure");
  figure.className = "page";
  const caption = document.createElement("figcaption");
  caption.textContent = `Page ${page.page}`;
  figure.append(caption);
  if (page.error) {
    const error = document.createElement("p");
    error.className = "error";
    error.textContent = page.error;
    figure.append(error);
  }
  if (page.picture) {
    const download = document.createElement("a");
    download.href = page.picture;
    download.download = `page-${page.page}.jpg`;
    download.textContent = "Download picture";
    caption.append(" · ", download);
    const picture = document.createElement("img");
    picture.src = page.picture;
    picture.alt = `Page ${page.page} with the numbers found marked`;
    figure.append(picture);
  }
  if (page.numbers.length > 0) {
    figure.append(tableOf(page.numbers));
  }
  return figure;
}

// What a cell says of a number; nothing where there is nothing to say.
function shown(number, name) {
  switch (name) {
    case "confidence":
      return `${Math.round(number.confidence * 100)} %`;
    case "table":
      return number.table || "";
    case "kind":
      return number.kind === "handwritten" ? "" : number.kind;
    default:
      return number[name];
  }
}

function tableOf(numbers) {
  const scroll = document.createElement("div");
  scroll.className = "table";
  const table = document.createElement("table");
  const columns = COLUMNS.filter(
    ([name]) => !ONLY_IF_TOLD.includes(name) || numbers.some((number) => shown(number, name)),
  );
  const head = table.createTHead().insertRow();
  for (const [, title] of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const number of numbers) {
    const row = body.insertRow();
    row.classList.toggle("review", number.review !== "");
    for (const [name] of columns) {
      const cell = row.insertCell();
      cell.textContent = shown(number, name);
      cell.classList.toggle("number", name === "text");
    }
  }
  scroll.append(table);
  return scroll;
}

input.addEventListener("change", () => {
  if (input.files.length > 0) {
    scan(input.files[0]);
    input.value = ""; // so that choosing the same file again is a change
  }
});

// A file dropped beside the field would otherwise replace this page.
for (const type of ["dragover", "drop"]) {
  window.addEventListener(type, (event) => event.preventDefault());
}

drop.addEventListener("dragover", () => drop.classList.add("over"));
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  drop.classList.remove("over");
  if (event.dataTransfer.files.length > 0) {
    scan(event.dataTransfer.files[0]);
  }
});
