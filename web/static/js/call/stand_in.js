/** A picture that is sent in place of the camera: words on a dark ground, the same frame again and again. */

const WIDTH = 640, HEIGHT = 360;
const EVERY = 1_000; // milliseconds: whoever comes later, or loses a frame, gets the next one

/** @param {string} words @returns {MediaStreamTrack} ends its drawing when it is stopped */
export function standIn(words) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const track = /** @type {MediaStreamTrack} */ (canvas.captureStream().getVideoTracks()[0]);
  const timer = setInterval(() => track.readyState === "ended" ? clearInterval(timer) : draw(pen, words), EVERY);
  draw(pen, words);
  return track;
}

/** @param {CanvasRenderingContext2D} pen @param {string} words */
function draw(pen, words) {
  const style = getComputedStyle(document.documentElement);
  pen.fillStyle = style.getPropertyValue("--stage");
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = style.getPropertyValue("--stage-ink");
  pen.font = `600 48px ${style.fontFamily}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(words, WIDTH / 2, HEIGHT / 2, WIDTH * 0.9);
}
