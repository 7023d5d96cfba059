// Draw a digit: the strokes go to the server, the reading and the ten bars follow.

const canvas = document.getElementById("canvas");
const pen = canvas.getContext("2d");
const penWidth = Number(canvas.dataset.penWidth);
const undoButton = document.getElementById("undo");
const clearButton = document.getElementById("clear");
const hint = document.getElementById("hint");
const answer = document.getElementById("answer");
const sureness = document.getElementById("sureness");
const bars = document.getElementById("bars");
const drawError = document.getElementById("draw-error");
const spoken = document.getElementById("spoken");

// Strokes are in these pixels, however large the canvas is shown.
const SIDE = 320;
// Points closer than this, in the same pixels, add nothing to a stroke.
const NEAR = 1;

let strokes = [];
let pointer = null; // id of the pointer that is drawing; others are ignored
let changed = false; // since the last request
let asking = false;

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

const asPercent = (probability) => `${Math.round(probability * 100)} %`;

function pointOf(event) {
  const shown = canvas.getBoundingClientRect();
  const within = (value) => Math.min(2 * SIDE, Math.max(-SIDE, Math.round(value * 100) / 100));
  return [
    within(((event.clientX - shown.left) * SIDE) / shown.width),
    within(((event.clientY - shown.top) * SIDE) / shown.height),
  ];
}

function paint() {
  const sharp = Math.round(SIDE * Math.max(1, window.devicePixelRatio));
  if (canvas.width !== sharp) {
    canvas.width = canvas.height = sharp;
  }
  const style = getComputedStyle(canvas);
  pen.setTransform(sharp / SIDE, 0, 0, sharp / SIDE, 0, 0);
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
  const none = reading !== null && !reading.is_digit;
  answer.textContent = reading === null ? "–" : none ? "?" : String(reading.digit);
  answer.classList.toggle("none", reading === null || none);
  sureness.textContent = reading === null ? "" : none ? "not a digit" : `${asPercent(reading.confidence)} sure`;
  bars.classList.toggle("none", none);
  rows.forEach(({ row, fill, percent }, digit) => {
    const score = reading === null ? 0 : reading.scores[digit];
    fill.style.setProperty("--score", score);
    percent.textContent = reading === null ? "" : asPercent(score);
    row.classList.toggle("best", reading !== null && !none && digit === reading.digit);
  });
  // A screen reader is told when the pen rests, not at each of its moves.
  if (pointer === null) {
    spoken.textContent = reading === null ? "" : `${answer.textContent}, ${sureness.textContent}`;
  }
}

async function ask() {
  const answered = await fetch("/read", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ width: SIDE, height: SIDE, strokes }),
  });
  const told = await answered.json();
  if (!answered.ok) {
    throw new Error(told.error);
  }
  return told.reading;
}

// One request at a time, always with the newest strokes: requests never pile up.
async function follow() {
  changed = true;
  if (asking) {
    return;
  }
  asking = true;
  while (changed) {
    changed = false;
    try {
      const reading = strokes.length > 0 ? await ask() : null;
      // An answer that comes after "Clear" is no longer an answer.
      show(strokes.length > 0 ? reading : null);
      drawError.textContent = "";
    } catch (error) {
      show(null);
      drawError.textContent = error instanceof TypeError ? "The server does not answer; is it still running?" : error.message;
    }
  }
  asking = false;
}

function change(newStrokes) {
  strokes = newStrokes;
  paint();
  follow();
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
    if (Math.hypot(x - lastX, y - lastY) >= NEAR) {
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
    follow();
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
