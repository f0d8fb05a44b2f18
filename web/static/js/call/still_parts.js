/** What goes from page to page once there is a call: the transfer over the present connection, stills and voice notes in it. */

import { Courier, LIMITS as CLIPS } from "./courier.js";
import { DoctorStill } from "./still_doctor.js";
import { Glimpses } from "./glimpses.js";
import { StationStill } from "./still_station.js";
import { LIMITS } from "./tiles.js";
import { Transfer } from "./transfer.js";

/** @typedef {{transfer: Transfer, courier: Courier, glimpses: Glimpses, station: StationStill | null, doctor: DoctorStill | null}} Parts */

/** @param {import("./features.js").Scene} scene @returns {Parts} */
export function begin(scene) {
  const { link, side, signal } = scene;
  const transfer = new Transfer({ limits: { ...LIMITS, ...CLIPS }, spare: () => link.spare, carry: (isCarrying) => link.steering.carry(isCarrying) });
  signal.addEventListener("abort", () => transfer.close());
  return {
    transfer, courier: new Courier(scene, transfer), glimpses: new Glimpses(scene, transfer),
    station: side === "worker" ? new StationStill(scene, transfer) : null,
    doctor: side === "doctor" ? new DoctorStill(scene, transfer) : null,
  };
}
