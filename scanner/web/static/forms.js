// Make a form of an uploaded page: the server suggests its fields, and the page to edit them opens.

import { asUpload, postFile } from "./server.js";

const drop = document.getElementById("drop");
const input = document.getElementById("file");
const pageNumber = document.getElementById("page-number");
const progress = document.getElementById("progress");
const error = document.getElementById("scan-error");

const maxBytes = Number(input.dataset.maxBytes);

async function begin(file) {
  error.textContent = "";
  progress.textContent = `Looking for fields on ${file.name} …`;
  input.disabled = true;
  try {
    const page = pageNumber.value || "1";
    const made = await postFile("forms", asUpload(file, maxBytes), { name: file.name, page });
    window.location.assign(`form/${made.form}/`);
  } catch (problem) {
    error.textContent = problem.message;
  } finally {
    progress.textContent = "";
    input.disabled = false;
  }
}

input.addEventListener("change", () => {
  if (input.files.length > 0) {
    begin(input.files[0]);
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
  if (event.dataTransfer.files.length > 0 && !input.disabled) {
    begin(event.dataTransfer.files[0]);
  }
});
