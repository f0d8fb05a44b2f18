/** What stills need once there is one: the transfer over the present connection, and this side's part in it. */

import { DoctorStill } from "./still_doctor.js";
import { Glimpses } from "./glimpses.js";
import { StationStill } from "./still_station.js";
import { LIMITS } from "./tiles.js";
import { Transfer } from "./transfer.js";

/** @typedef {{transfer: Transfer, glimpses: Glimpses, station: StationStill | null, doctor: DoctorStill | null}} Parts */

/** @param {import("./features.js").Scene} scene @returns {Parts} */
export function begin(scene) {
  const { link, side, signal } = scene;
  const transfer = new Transfer({ limits: LIMITS, spare: () => link.spare, carry: (isCarrying) => link.steering.carry(isCarrying) });
  signal.addEventListener("abort", () => transfer.close());
  return {
    transfer, glimpses: new Glimpses(scene, transfer),
    station: side === "worker" ? new StationStill(scene, transfer) : null,
    doctor: side === "doctor" ? new DoctorStill(scene, transfer) : null,
  };
}
