// A picture on the wall: a number, or one digit of it, cut out of the picture of the number in its place.

import { asPercent } from "./percent.js";
import { shownText } from "./review_panel.js";

// On the screen, pixels; as in review.css.
const HEIGHT = 56;
const [LEAST_WIDTH, MOST_WIDTH] = [34, 260];
// What is shown around the box, in heights of it.
const MARGIN = 0.18;

// A button that is pressed if the picture is wrong; the box is that of the number, or of a digit.
export function makeTile({ id, box, confidence }, item, pictures, hasCaption) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tile";
  button.dataset.id = id;
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", `${shownText(item)}, ${asPercent(confidence)} sure`);
  const clip = document.createElement("span");
  clip.className = "clip";
  button.append(clip);
  if (hasCaption) {
    const caption = document.createElement("span");
    caption.className = "caption";
    caption.textContent = shownText(item);
    button.append(caption);
  }
  fill(clip, item, box, pictures);
  return button;
}

async function fill(clip, item, [x, y, width, height], pictures) {
  const margin = height * MARGIN;
  const [fullWidth, fullHeight] = [width + 2 * margin, height + 2 * margin];
  const scale = Math.min(HEIGHT / fullHeight, MOST_WIDTH / fullWidth);
  const clipWidth = Math.max(LEAST_WIDTH, fullWidth * scale);
  clip.style.width = `${clipWidth}px`;
  try {
    const { url, frame } = await pictures.get(item);
    const image = document.createElement("img");
    image.alt = "";
    image.draggable = false;
    image.style.width = `${frame[2] * scale}px`;
    image.style.height = `${frame[3] * scale}px`;
    image.style.left = `${(frame[0] - x + margin) * scale + (clipWidth - fullWidth * scale) / 2}px`;
    image.style.top = `${(frame[1] - y + margin) * scale + (HEIGHT - fullHeight * scale) / 2}px`;
    image.src = url;
    clip.append(image);
  } catch {
    clip.textContent = "?";
  }
}
