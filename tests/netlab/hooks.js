// In every page of the lab before its own scripts: reaches the peer connections of any page, ours or a bare one, and writes down five times
// a second what they have received so far. Sums run on over connections that are closed and made anew. Times: milliseconds since 1970.
(() => {
  if (window !== window.top || !location.protocol.startsWith("http")) return;
  const EVERY = 200, CLOSELY = 20;
  const SUMS = {
    audio: ["concealedSamples", "totalSamplesReceived", "totalAudioEnergy", "jitterBufferDelay", "jitterBufferEmittedCount", "packetsReceived", "packetsLost", "bytesReceived"],
    video: ["framesDecoded", "freezeCount", "totalFreezesDuration", "bytesReceived", "keyFramesDecoded"],
  };
  const peers = new Set(), sums = {}, seen = new Map(), rows = [], waiting = [];
  let size = [0, 0], path = "", words = "";
  const now = () => performance.timeOrigin + performance.now();

  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(...more) {
      super(...more);
      peers.add(this);
      this.addEventListener("track", ({ track, receiver }) => { if (track.kind === "audio") listen(receiver); });
    }
  };

  // ------------------------------------------------ moments: the click, the first sound and the first picture that are played

  const moments = { clicked: 0, voice: 0, picture: 0 };
  addEventListener("click", () => { moments.clicked = now(); }, { capture: true });

  function listen(receiver) {
    if (moments.voice) return;
    const [source] = receiver.getSynchronizationSources();
    if (source) moments.voice = now();
    else setTimeout(listen, CLOSELY, receiver);
  }

  const watch = new MutationObserver(() => {
    const video = document.querySelector("[data-remote]");
    if (!video) return;
    watch.disconnect();
    video.requestVideoFrameCallback(() => { moments.picture = now(); });
  });
  watch.observe(document, { childList: true, subtree: true });

  // ------------------------------------------------ rows

  function add(peer, one) {
    const memory = seen.get(peer) ?? seen.set(peer, {}).get(peer);
    for (const name of SUMS[one.kind]) {
      const key = `${one.kind}.${name}`, value = one[name] ?? 0, before = memory[`${one.id}.${name}`] ?? 0;
      sums[key] = (sums[key] ?? 0) + value - before;
      memory[`${one.id}.${name}`] = value;
    }
    if (one.kind === "video" && one.frameWidth) size = [one.frameWidth, one.frameHeight];
  }

  async function read(peer) {
    if (peer.connectionState === "closed") {
      peers.delete(peer);
      return;
    }
    const report = await peer.getStats();
    for (const one of report.values()) {
      if (one.type === "inbound-rtp" && one.kind in SUMS) add(peer, one);
      if (one.type === "transport" && one.selectedCandidatePairId) path = pathOf(report, report.get(one.selectedCandidatePairId)) || path;
    }
  }

  function pathOf(report, pair) {
    const [ours, theirs] = [report.get(pair?.localCandidateId), report.get(pair?.remoteCandidateId)];
    return ours && theirs ? `${ours.candidateType}${ours.relayProtocol ? `/${ours.relayProtocol}` : ""} ${theirs.candidateType}` : "";
  }

  function said() {
    const shown = [...document.querySelectorAll(".link-words strong")].find((one) => one.checkVisibility());
    return shown?.innerText.replace(/\s*\(.*\)/s, "").trim() ?? "";
  }

  async function sample() {
    await Promise.allSettled([...peers].map(read));
    if (rows.length % 2 === 0) words = said();
    const row = { at: now(), ...sums, width: size[0], height: size[1], path, words }, before = rows.at(-1);
    rows.push(row);
    for (const wait of waiting.splice(0)) tests[wait.what](row, before) ? wait.done(row.at) : waiting.push(wait);
    setTimeout(sample, EVERY);
  }

  const grew = (row, before, name) => (row[name] ?? 0) - (before?.[name] ?? 0);
  const tests = {
    heard: (row, before) => grew(row, before, "audio.totalAudioEnergy") > 0
      && grew(row, before, "audio.concealedSamples") < grew(row, before, "audio.totalSamplesReceived") / 2,
    seen: (row, before) => grew(row, before, "video.framesDecoded") > 0,
  };
  window.lab = {
    peers, moments,
    // Resolves with the next instant at which the other side is heard or seen.
    until: (what) => new Promise((done) => waiting.push({ what, done })),
    since: (at) => rows.filter((row) => row.at >= at),
  };
  sample();
})();
