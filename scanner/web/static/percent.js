// A confidence in percent, for people.

// Least confidence of a number that needs no review, as the command line has it.
const REVIEW_THRESHOLD = 0.9;

// Rounded down, so that nothing looks surer than it is, and with a decimal within a percent of the threshold: a number
// below 90 % never reads "90%".
export function asPercent(confidence) {
  // What is a whole number of tenths of a percent may lie a little below it as a float.
  const tenths = Math.floor(confidence * 1000 + 1e-9);
  if (tenths % 10 !== 0 && Math.abs(tenths - REVIEW_THRESHOLD * 1000) < 10) {
    return `${(tenths / 10).toFixed(1)}%`;
  }
  return `${Math.floor(tenths / 10)}%`;
}
