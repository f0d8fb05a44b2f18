/** Remote candidates of one connection: each waits for the description of its round; those of older rounds are dropped. */

export class Candidates {
  #connection;
  /** @type {{round: number, candidate: string}[]} */ #early = [];

  /** @param {RTCPeerConnection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /** @param {{round: number, candidate: string}} one @param {number} described the round of the remote description */
  async take(one, described) {
    if (one.round < described) return;
    if (one.round > described || !this.#connection.remoteDescription) this.#early.push(one);
    else await this.#add(one.candidate);
  }

  /** Those that came before their description. @param {number} described */
  async takeEarly(described) {
    const ready = this.#early.filter((one) => one.round === described);
    this.#early = this.#early.filter((one) => one.round > described);
    for (const { candidate } of ready) await this.#add(candidate);
  }

  /** @param {string} candidate RTCIceCandidateInit as JSON, or empty at their end */
  async #add(candidate) {
    await this.#connection.addIceCandidate(candidate ? JSON.parse(candidate) : undefined);
  }
}
