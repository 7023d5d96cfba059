// Draw a digit: the server reads the strokes, and the page shows the digit and ten bars.

import { asPercent } from "./percent.js";

const canvas = document.getElementById("canvas");
const pen = canvas.getContext("2d");
const penWidth = Number(canvas.dataset.penWidth);
const undoButton = document.getElementById("undo");
const clearButton = document.getElementById("clear");
const hint = document.getElementById("hint");
const answer = document.getElementById("answer");
const confidence = document.getElementById("confidence");
const bars = document.getElementById("bars");
const drawError = document.getElementById("draw-error");
const announcement = document.getElementById("announcement");

// Side of the canvas in the pixels of stroke coordinates, whatever its size on the screen.
const SIDE = 320;
// Least distance between neighbouring points of a stroke, in the same pixels.
const MIN_POINT_DISTANCE = 1;

let strokes = [];
let pointer = null; // id of the pointer that is drawing; all others are ignored
let changed = false; // whether the strokes changed after the last request
let requesting = false;

const rows = Array.from({ length: 10 }, (_, digit) => {
  const row = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = String(digit);
  const bar = document.createElement("span");
  bar.className = "bar";
  bar.setAttribute("aria-hidden", "true");
  const fill = document.createElement("i");
  bar.append(fill);
  const percent = document.createElement("span");
  percent.className = "percent";
  row.append(name, bar, percent);
  bars.append(row);
  return { row, fill, percent };
});

function pointOf(event) {
  const frame = canvas.getBoundingClientRect();
  const clamp = (value) => Math.min(2 * SIDE, Math.max(-SIDE, Math.round(value * 100) / 100));
  return [
    clamp(((event.clientX - frame.left) * SIDE) / frame.width),
    clamp(((event.clientY - frame.top) * SIDE) / frame.height),
  ];
}

function paint() {
  const pixels = Math.round(SIDE * Math.max(1, window.devicePixelRatio));
  if (canvas.width !== pixels) {
    canvas.width = canvas.height = pixels;
  }
  const style = getComputedStyle(canvas);
  pen.setTransform(pixels / SIDE, 0, 0, pixels / SIDE, 0, 0);
  pen.clearRect(0, 0, SIDE, SIDE);
  pen.lineWidth = penWidth * SIDE;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = style.getPropertyValue("--ink");
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    for (const point of stroke) {
      pen.lineTo(...point);
    }
    pen.stroke();
  }
  hint.hidden = strokes.length > 0;
  undoButton.disabled = clearButton.disabled = strokes.length === 0;
}

function show(reading) {
  const notDigit = reading !== null && !reading.is_digit;
  answer.textContent = reading === null ? "–" : notDigit ? "?" : String(reading.digit);
  answer.classList.toggle("none", reading === null || notDigit);
  confidence.textContent = reading === null ? "" : notDigit ? "not a digit" : `${asPercent(reading.confidence)} sure`;
  bars.classList.toggle("none", notDigit);
  rows.forEach(({ row, fill, percent }, digit) => {
    const probability = reading === null ? 0 : reading.probabilities[digit];
    fill.style.setProperty("--probability", probability);
    percent.textContent = reading === null ? "" : asPercent(probability);
    row.classList.toggle("best", reading !== null && !notDigit && digit === reading.digit);
  });
  // Screen readers announce the digit when the pen is lifted, not at every movement.
  if (pointer === null) {
    announcement.textContent = reading === null ? "" : `${answer.textContent}, ${confidence.textContent}`;
  }
}

async function requestReading() {
  const response = await fetch("/read", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ width: SIDE, height: SIDE, strokes }),
  });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.error);
  }
  return body.reading;
}

// One request at a time, always with the newest strokes, so that requests do not pile up.
async function updateReading() {
  changed = true;
  if (requesting) {
    return;
  }
  requesting = true;
  while (changed) {
    changed = false;
    try {
      const reading = strokes.length > 0 ? await requestReading() : null;
      // The drawing may have been cleared while the server was reading it.
      show(strokes.length > 0 ? reading : null);
      drawError.textContent = "";
    } catch (error) {
      show(null);
      drawError.textContent = error instanceof TypeError ? "The server does not respond. Is it still running?" : error.message;
    }
  }
  requesting = false;
}

function change(newStrokes) {
  strokes = newStrokes;
  paint();
  updateReading();
}

function undo() {
  pointer = null;
  change(strokes.slice(0, -1));
}

function clear() {
  pointer = null;
  change([]);
}

canvas.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button !== 0) {
    return;
  }
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  change([...strokes, [pointOf(event)]]);
});

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) {
    return;
  }
  const stroke = strokes.at(-1);
  const before = stroke.length;
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of moves.length > 0 ? moves : [event]) {
    const [x, y] = pointOf(move);
    const [lastX, lastY] = stroke.at(-1);
    if (Math.hypot(x - lastX, y - lastY) >= MIN_POINT_DISTANCE) {
      stroke.push([x, y]);
    }
  }
  if (stroke.length > before) {
    change(strokes);
  }
});

function penUp(event) {
  if (event.pointerId === pointer) {
    pointer = null;
    updateReading();
  }
}

canvas.addEventListener("pointerup", penUp);
canvas.addEventListener("pointercancel", penUp);
undoButton.addEventListener("click", undo);
clearButton.addEventListener("click", clear);
window.addEventListener("resize", paint);

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undo();
  } else if (event.key === "Escape") {
    clear();
  }
});

paint();
show(null);
