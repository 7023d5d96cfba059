// Read pages: the server gets each file unchanged and returns the numbers and the annotated pages.

import { asPercent } from "./percent.js";

const drop = document.getElementById("drop");
const input = document.getElementById("file");
const progress = document.getElementById("progress");
const scanError = document.getElementById("scan-error");
const results = document.getElementById("results");
const resultTemplate = document.getElementById("result");

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

let newest = 0; // number of the newest choice of files; only its results are shown

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

// Read files one after the other; one that cannot be read does not keep the others from being read.
async function scan(files) {
  const current = (newest += 1);
  const errors = [];
  scanError.textContent = "";
  clearResults();
  for (const [index, file] of files.entries()) {
    progress.textContent = `Reading ${file.name}${files.length > 1 ? ` (${index + 1} of ${files.length})` : ""} …`;
    try {
      const scanned = await upload(file);
      if (current !== newest) {
        return;
      }
      results.append(resultElement(scanned));
    } catch (error) {
      if (current !== newest) {
        return;
      }
      errors.push(error instanceof TypeError ? "The server does not respond. Is it still running?" : error.message);
      scanError.textContent = errors.join("\n");
    }
  }
  progress.textContent = "";
}

function clearResults() {
  for (const link of results.querySelectorAll(".csv")) {
    URL.revokeObjectURL(link.href);
  }
  results.replaceChildren();
}

function resultElement(scanned) {
  const result = resultTemplate.content.cloneNode(true);
  const numbers = scanned.pages.flatMap((page) => page.numbers);
  const unread = numbers.filter((number) => number.text === "").length;
  const found = `${numbers.length} ${numbers.length === 1 ? "number" : "numbers"}`;
  result.querySelector("h3").textContent = `${scanned.file}: ${found}${unread ? `, ${unread} of them unread` : ""}`;
  result.querySelector(".note").textContent = scanned.note;
  result.querySelector(".pages").append(...scanned.pages.map(pageElement));
  result.querySelector(".csv").href = URL.createObjectURL(new Blob([scanned.csv], { type: "text/csv" }));
  return result;
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
      return number.text === "" ? "" : asPercent(number.confidence);
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
    for (const [name, title] of columns) {
      const cell = row.insertCell();
      cell.dataset.title = title; // shown beside the value where the screen is too narrow for a table
      cell.textContent = cellText(number, name);
      cell.classList.toggle("number", name === "text");
    }
  }
  scroll.append(table);
  return scroll;
}

input.addEventListener("change", () => {
  if (input.files.length > 0) {
    scan([...input.files]);
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
    scan([...event.dataTransfer.files]);
  }
});
