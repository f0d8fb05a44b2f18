/** Spans and times of day as the server writes them, and a wait that can be given up. */

/** Minutes and seconds, "01:42"; never below zero. @param {number} ms */
export function figure(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

const OF_DAY = new Intl.DateTimeFormat("vi", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Ho_Chi_Minh" });

/** The time of day where the stations are, "07:45", in every language. @param {Date} instant */
export function timeOfDay(instant) {
  return OF_DAY.format(instant);
}

/** Gives a way to stop waiting. @param {() => void} deed @param {number} wait milliseconds */
export function timer(deed, wait) {
  const handle = setTimeout(deed, wait);
  return () => clearTimeout(handle);
}
