/** What the station's device runs on, where the browser says so (W3C Battery Status): told when it matters to the other side. */

const LOW = 15;   // percent: below it, and discharging, the doctor reads how much is left
const STEP = 10;  // percent between two tellings while there is enough

/** @typedef {import("../protocol.js").Peer["power"]} Power @typedef {{power: Power, battery: number}} Supply */

/** @param {import("./features.js").Scene} scene */
export async function wirePower({ say, signal }) {
  const battery = await /** @type {any} */ (navigator).getBattery?.().catch(() => null);
  if (!battery || signal.aborted) return;
  /** @type {Supply} */ let told = { power: "", battery: -1 };
  const tell = () => {
    const now = supply(battery);
    if (!isNews(told, now)) return;
    told = now;
    say.tell(now);
  };
  for (const change of ["chargingchange", "levelchange"]) battery.addEventListener(change, tell, { signal });
  tell();
}

/** @param {{charging: boolean, level: number}} battery `level`: 0 to 1 @returns {Supply} */
export function supply({ charging, level }) {
  const battery = Math.round(level * 100);
  return { power: charging ? "mains" : battery < LOW ? "low" : "battery", battery };
}

/** @param {Supply} told @param {Supply} now */
export function isNews(told, now) {
  if (told.power !== now.power) return true;
  if (now.power === "low") return told.battery !== now.battery;
  return Math.abs(told.battery - now.battery) >= STEP;
}
