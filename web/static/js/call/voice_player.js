/** Plays one clip after the other in the page's own audio element. */

export class Player {
  #audio;
  #stop = () => {};

  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    this.#audio = audio;
  }

  /** How it ended; "blocked": the browser wants a click first. @param {Blob} sound @returns {Promise<"ended" | "stopped" | "blocked">} */
  async play(sound) {
    const address = URL.createObjectURL(sound);
    const audio = this.#audio;
    audio.src = address;
    try {
      const end = this.#end();
      await audio.play();
      return await end;
    } catch (fault) {
      return fault instanceof DOMException && fault.name === "NotAllowedError" ? "blocked" : "stopped";
    } finally {
      audio.removeAttribute("src");
      URL.revokeObjectURL(address);
    }
  }

  stop() {
    this.#audio.pause();
    this.#stop();
  }

  /** @returns {Promise<"ended" | "stopped">} */
  #end() {
    return new Promise((resolve) => {
      this.#stop = () => resolve("stopped");
      this.#audio.onended = () => resolve("ended");
      this.#audio.onerror = () => resolve("stopped");
    });
  }
}
