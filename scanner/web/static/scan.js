// Read a page: the server gets the file unchanged and returns the numbers and the annotated pages.

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
// Columns that are left out if no number has a value for them: most pages have no form fields and no tables.
const OPTIONAL_COLUMNS = ["field", "table", "kind"];

let newest = 0; // number of the newest upload; only its response is shown

async function upload(file) {
  if (file.size > maxBytes) {
    throw new Error(`${file.name}: is larger than ${Math.round(maxBytes / 1024 ** 2)} MB; scan it on the command line`);
  }
  const response = await fetch(`/scan?name=${encodeURIComponent(file.name)}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.error);
  }
  return body;
}

async function scan(file) {
  const current = (newest += 1);
  scanError.textContent = "";
  result.hidden = true;
  progress.textContent = `Reading ${file.name} …`;
  try {
    const scanned = await upload(file);
    if (current === newest) {
      progress.textContent = "";
      show(scanned);
    }
  } catch (error) {
    if (current === newest) {
      progress.textContent = "";
      scanError.textContent = error instanceof TypeError ? "The server does not respond. Is it still running?" : error.message;
    }
  }
}

function show(scanned) {
  const numbers = scanned.pages.flatMap((page) => page.numbers);
  const unread = numbers.filter((number) => number.text === "").length;
  const found = `${numbers.length} ${numbers.length === 1 ? "number" : "numbers"}`;
  resultName.textContent = `${scanned.file}: ${found}${unread ? `, ${unread} of them unread` : ""}`;
  note.textContent = scanned.note;
  pages.replaceChildren(...scanned.pages.map(pageElement));
  URL.revokeObjectURL(csv.href);
  csv.href = URL.createObjectURL(new Blob([scanned.csv], { type: "text/csv" }));
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
    download.textContent = "Download image";
    caption.append(" · ", download);
    const picture = document.createElement("img");
    picture.src = page.picture;
    picture.alt = `Page ${page.page} with its numbers marked`;
    figure.append(picture);
  }
  if (page.numbers.length > 0) {
    figure.append(tableOf(page.numbers));
  }
  return figure;
}

// Text of a table cell; empty if the number has no value for the column.  One that could not be read has a question
// mark, as on the picture of its page.
function cellText(number, name) {
  switch (name) {
    case "text":
      return number.text || "?";
    case "confidence":
      return number.text === "" ? "" : `${Math.round(number.confidence * 100)}%`;
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
    ([name]) => !OPTIONAL_COLUMNS.includes(name) || numbers.some((number) => cellText(number, name)),
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
      cell.textContent = cellText(number, name);
      cell.classList.toggle("number", name === "text");
    }
  }
  scroll.append(table);
  return scroll;
}

input.addEventListener("change", () => {
  if (input.files.length > 0) {
    scan(input.files[0]);
    input.value = ""; // so that choosing the same file again fires the event
  }
});

// Otherwise the browser would open a file dropped beside the field instead of this page.
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
