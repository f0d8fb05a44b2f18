/**
 * The other side's voice, apart from the picture: Chromium keeps a video element silent until its first frame, and on a thin line there
 * may never be one.
 */
export class Loudspeaker {
  #stream = new MediaStream();
  #element = new Audio();

  constructor() {
    this.#element.autoplay = true;
  }

  /** What is heard of this stream from now on. Rejects where the browser wants a click before sound. @param {MediaStream} stream */
  async play(stream) {
    const wanted = stream.getAudioTracks();
    for (const old of this.#stream.getTracks()) if (!wanted.includes(old)) this.#stream.removeTrack(old);
    for (const track of wanted) this.#stream.addTrack(track);
    if (wanted.length === 0) return;
    // Not before there is a voice: a page counts as loading for as long as an element waits for its first sound.
    if (this.#element.srcObject !== this.#stream) this.#element.srcObject = this.#stream;
    await this.#element.play();
  }

  close() {
    this.#element.srcObject = null;
  }
}
