// Written by python -m signaling.typescript from signaling/messages.py. Do not edit.

/** RTCIceServer (W3C WebRTC 4.2.2). Lives for at most one hour. */
export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}

/** Media flows from browser to browser. `policy`: RTCIceTransportPolicy. */
export interface PeerToPeer {
  type: "peer-to-peer";
  iceServers: IceServer[];
  policy: "all" | "relay";
}

/** Somebody in a call. `peer` is the id of one browser connection; `participant` of the person behind it. */
export interface Peer {
  peer: string;
  participant: string;
  side: "doctor" | "worker";
  name: string;
  organization: string;
  microphone: boolean;
  camera: boolean;
  rung: "" | "clear" | "medium" | "small" | "stills" | "text" | "voice" | "voice-notes";
  saver: boolean;
  curtain: boolean;
  power: "" | "battery" | "low" | "mains";
  battery: number;
}

/** What a page shows to take up its session again: single-use token, and the last `seq` it has handled. */
export interface Resume {
  session: string;
  token: string;
  received: number;
}

/** What one side measured over the last ten seconds. Rates in kbit/s, loss in percent, round trip in ms. `lost_percent`, `concealed_percent` (of the voice, made up by the receiver) and `jitter_ms` are of what it received; `rung` and `available_kbps` (the estimate for sending, 0: unknown) of what it sends. `path`: this side's end of the connection; `network`: what carries it, where the browser says so. */
export interface Quality {
  receivedKbps: number;
  sentKbps: number;
  lostPercent: number;
  roundTripMs: number;
  concealedPercent: number;
  jitterMs: number;
  availableKbps: number;
  path: "" | "host" | "relay-tcp" | "relay-tls" | "relay-udp" | "srflx";
  network: "" | "cellular" | "ethernet" | "other" | "wifi";
  rung: string;
  bytesUsed: number;
}

/** A request that rings this doctor. What is said about the patient is read over HTTP, audited. */
export interface RingingRequest {
  request: string;
  emergency: boolean;
  shown: boolean;
}

/** A request of this worker that is not over. */
export interface LiveRequest {
  request: string;
  status: string;
}

/** The call in which this person is, wherever its page may be. `here`: in this very session. */
export interface LiveCall {
  call: string;
  here: boolean;
}

/** The first message, within 5 s of the upgrade. `tab` names the browser tab; a reload keeps it. */
export interface Hello {
  type: "hello";
  tab: string;
  resume?: Resume | null;
}

/** Answers a ping. `received`: the last `seq` this page has handled; frees the replay buffer. */
export interface Pong {
  type: "pong";
  received: number;
}

/** This device shows the ring of `request` to its doctor. */
export interface RingShown {
  type: "ring-shown";
  id: string;
  request: string;
}

/** This page makes ready to connect while `request` rings: the station's page, or a doctor's that has shown the ring. `peer` was made by the page; the seat is taken under it when the request is accepted. `thin`: the station's line bears one leg, not two. */
export interface HoldLeg {
  type: "leg";
  id: string;
  request: string;
  peer: string;
  thin?: boolean;
}

/** Take the seat in `call`. `peer` was made by the page and lives as long as its peer connection. With `take_over` a seat held by another tab of the same person is taken; without it that is refused (`call-elsewhere`). The same tab may always take its own seat back. */
export interface Enter {
  type: "enter";
  id: string;
  call: string;
  peer: string;
  takeOver?: boolean;
  microphone?: boolean;
  camera?: boolean;
}

/** Give the seat back. Leaving ends nothing: the call waits. */
export interface Leave {
  type: "leave";
  id: string;
  call: string;
}

/** An SDP offer to peer `to`. `round` numbers negotiations of this pair, upwards. `call`, here and in answer and candidate: the call's id, or while it rings the id of the request that owns the leg. */
export interface Offer {
  type: "offer";
  call: string;
  to: string;
  round: number;
  sdp: string;
}

/** The SDP answer to the offer of the same `round`. */
export interface Answer {
  type: "answer";
  call: string;
  to: string;
  round: number;
  sdp: string;
}

/** One ICE candidate as JSON of RTCIceCandidateInit; the empty string ends them. */
export interface Candidate {
  type: "candidate";
  call: string;
  to: string;
  round: number;
  candidate: string;
}

/** What this side sends now: microphone and camera, the rung of the ladder, whether it saves data, whether the curtain is drawn over its camera, and what its device runs on. */
export interface MediaState {
  type: "media-state";
  id: string;
  call: string;
  microphone: boolean;
  camera: boolean;
  rung?: "" | "clear" | "medium" | "small" | "stills" | "text" | "voice" | "voice-notes";
  saver?: boolean;
  curtain?: boolean;
  power?: "" | "battery" | "low" | "mains";
  battery?: number;
}

/** Whether this side receives the other's media: moves the call's state machine. */
export interface MediaReport {
  type: "media-report";
  id: string;
  call: string;
  media: "connected" | "lost";
}

/** Ten seconds of this side's call, for the session log. */
export interface Measured {
  type: "measured";
  id: string;
  call: string;
  quality: Quality;
}

/** What this side knows of its own trouble, for the session log; moves nothing. `line-out`: nothing came from the server for `seconds`; `path-failed`: no way to the other side, `detail` what was found; `microphone-fault`, `camera-fault`: `detail` why. */
export interface Fault {
  type: "fault";
  id: string;
  call: string;
  kind: "camera-fault" | "line-out" | "microphone-fault" | "path-failed";
  detail?: string;
  seconds?: number;
}

/** One line of chat, kept sealed with the encounter. `id` becomes the message's id, so a retry says it once. */
export interface Say {
  type: "say";
  id: string;
  call: string;
  text: string;
}

/** The chat has arrived here up to and including message number `number`; `seen` when it was in view, too. */
export interface ChatSeen {
  type: "chat-seen";
  id: string;
  call: string;
  number: number;
  seen?: boolean;
}

/** A voice note of the other side has arrived here; `heard` when it was played to its end, too. */
export interface VoiceNoteReached {
  type: "voice-note-reached";
  id: string;
  call: string;
  note: string;
  heard?: boolean;
}

/** The doctor asks the station for a sharp still; `still` is the id it will have. The same again is the same wish. */
export interface PhotoWanted {
  type: "photo-wanted";
  id: string;
  call: string;
  still: string;
}

/** How far the station is with `still`: the worker is being asked, it is being taken, or why there is none. */
export interface PhotoState {
  type: "photo-state";
  id: string;
  call: string;
  still: string;
  state: "asking" | "busy" | "camera-off" | "curtain" | "failed" | "no-answer" | "no-camera" | "taking";
}

/** The session is open. `resumed`: what was missed follows; otherwise the page starts from the snapshot. `relayed`: how many offers, answers and candidates of this page have arrived; it sends those after them again. */
export interface Welcome {
  type: "welcome";
  session: string;
  token: string;
  participant: string;
  resumed: boolean;
  serverTime: string;
  relayed: number;
  seq: number;
}

/** How things stand now; the page replaces its view. Follows every welcome. */
export interface Snapshot {
  type: "snapshot";
  duty: boolean;
  ringing: RingingRequest[];
  requests: LiveRequest[];
  calls: LiveCall[];
  seq: number;
}

/** The command with this `id` has taken effect (once, however often it was sent). */
export interface Ack {
  type: "ack";
  id: string;
  seq: number;
}

/** The command with this `id` has no effect; everything else goes on. `code` is stable. */
export interface Refused {
  type: "refused";
  code: string;
  id: string;
  path: string;
  seq: number;
}

/** Asks whether the page is there: after 15 s of silence, after 2 s in a call. `relayed`: as in `welcome`. */
export interface Ping {
  type: "ping";
  relayed: number;
  seq: number;
}

/** The server goes down for a restart: come back after a random time within `within_ms`. */
export interface Drain {
  type: "drain";
  withinMs: number;
  seq: number;
}

/** A station asks for this doctor. The page reads `/requests/{request}/ring` and shows it. */
export interface Ring {
  type: "ring";
  request: string;
  emergency: boolean;
  seq: number;
}

/** The request no longer rings: `by` is the name of the doctor who took it, or empty when it ended otherwise. */
export interface Taken {
  type: "taken";
  request: string;
  by: string;
  reason: string;
  mine: boolean;
  seq: number;
}

/** Connect to `other` and send nothing: if the request is accepted there, this connection becomes the call's. `peer`: this page's own id. `polite` as in `entered`. The same `other` again: keep the connection that stands. */
export interface LegOpened {
  type: "leg-opened";
  request: string;
  peer: string;
  other: string;
  polite: boolean;
  media: PeerToPeer;
  seq: number;
}

/** The leg with `other` is over: close its connection at once. */
export interface LegClosed {
  type: "leg-closed";
  request: string;
  other: string;
  seq: number;
}

/** A request of this station moved: the page reads `/requests/{request}/state`. When it was accepted, `call` is open and `leg` is the peer with whom a connection stands already, or empty. */
export interface RequestChanged {
  type: "request-changed";
  request: string;
  status: string;
  call: string;
  leg: string;
  seq: number;
}

/** The call's state machine moved. `finish_in_ms`: until an armed finish becomes final, or -1. */
export interface CallChanged {
  type: "call-changed";
  call: string;
  state: string;
  reason: string;
  finishInMs: number;
  seq: number;
}

/** A note of the encounter was signed or amended: the page reads it over HTTP. */
export interface NoteChanged {
  type: "note-changed";
  encounter: string;
  seq: number;
}

/** The station wrote in a case that a doctor took; with `photo`: the doctor opened that photo. */
export interface CaseChanged {
  type: "case-changed";
  encounter: string;
  photo: string;
  seq: number;
}

/** Duty began or ended, perhaps in another tab. */
export interface DutyChanged {
  type: "duty-changed";
  duty: boolean;
  seq: number;
}

/** The seat is taken. `polite`: this side's role in perfect negotiation (doctor polite, station impolite). */
export interface Entered {
  type: "entered";
  call: string;
  peer: string;
  polite: boolean;
  peers: Peer[];
  media: PeerToPeer;
  seq: number;
}

/** Another tab of the same person took this seat: stop the media here. */
export interface CallMoved {
  type: "call-moved";
  call: string;
  seq: number;
}

/** Somebody took a seat. The same `peer` again means: the same connection came back, keep its media. */
export interface PeerJoined {
  type: "peer-joined";
  call: string;
  peer: Peer;
  seq: number;
}

/** A seat is empty. `reason`: left (on purpose), gone (silent for too long), replaced, dismissed. */
export interface PeerLeft {
  type: "peer-left";
  call: string;
  peer: string;
  reason: string;
  seq: number;
}

/** The other side's socket is gone for the moment; its media may well go on. */
export interface PeerAway {
  type: "peer-away";
  call: string;
  peer: string;
  seq: number;
}

/** An offer from `sender`, set by the server. */
export interface RelayedOffer {
  type: "relayed-offer";
  call: string;
  sender: string;
  round: number;
  sdp: string;
  seq: number;
}

/** An answer from `sender`, set by the server. */
export interface RelayedAnswer {
  type: "relayed-answer";
  call: string;
  sender: string;
  round: number;
  sdp: string;
  seq: number;
}

/** A candidate from `sender`, set by the server. */
export interface RelayedCandidate {
  type: "relayed-candidate";
  call: string;
  sender: string;
  round: number;
  candidate: string;
  seq: number;
}

/** What peer `peer` sends now; fields as in `media-state`. */
export interface PeerMedia {
  type: "peer-media";
  call: string;
  peer: string;
  microphone: boolean;
  camera: boolean;
  rung: "" | "clear" | "medium" | "small" | "stills" | "text" | "voice" | "voice-notes";
  saver: boolean;
  curtain: boolean;
  power: "" | "battery" | "low" | "mains";
  battery: number;
  seq: number;
}

/** One line of chat, to both sides; the writer's own comes back with its number and instant. */
export interface Chat {
  type: "chat";
  call: string;
  id: string;
  number: number;
  participant: string;
  name: string;
  text: string;
  sentAt: string;
  seq: number;
}

/** The chat has arrived at `participant` up to `number`; `seen` when it was in view, too. */
export interface ChatMark {
  type: "chat-mark";
  call: string;
  participant: string;
  number: number;
  seen: boolean;
  seq: number;
}

/** A voice note is complete, to both sides; the page fetches its sound over HTTP. `number`: the author's, gapless. */
export interface VoiceNote {
  type: "voice-note";
  call: string;
  id: string;
  number: number;
  participant: string;
  name: string;
  lengthMs: number;
  spokenAt: string;
  seq: number;
}

/** The voice note `note` has arrived at `participant`; `heard` when it was played to its end, too. */
export interface VoiceNoteMark {
  type: "voice-note-mark";
  call: string;
  participant: string;
  note: string;
  heard: boolean;
  seq: number;
}

/** To the station: the doctor asks for `still`. With `ask` the patient comes first; the answer goes over HTTP. */
export interface PhotoAsked {
  type: "photo-asked";
  call: string;
  still: string;
  ask: boolean;
  seq: number;
}

/** How it stands with `still`: as in `photo-state`, or `refused` (the patient does not agree), `kept`. */
export interface PeerPhoto {
  type: "peer-photo";
  call: string;
  still: string;
  state: string;
  seq: number;
}

export type FromBrowser =
  | Hello
  | Pong
  | RingShown
  | HoldLeg
  | Enter
  | Leave
  | Offer
  | Answer
  | Candidate
  | MediaState
  | MediaReport
  | Measured
  | Fault
  | Say
  | ChatSeen
  | VoiceNoteReached
  | PhotoWanted
  | PhotoState;

export type Command =
  | RingShown
  | HoldLeg
  | Enter
  | Leave
  | MediaState
  | MediaReport
  | Measured
  | Fault
  | Say
  | ChatSeen
  | VoiceNoteReached
  | PhotoWanted
  | PhotoState;

export type Relay =
  | Offer
  | Answer
  | Candidate;

export type FromServer =
  | Welcome
  | Snapshot
  | Ack
  | Refused
  | Ping
  | Drain
  | Ring
  | Taken
  | LegOpened
  | LegClosed
  | RequestChanged
  | CallChanged
  | NoteChanged
  | CaseChanged
  | DutyChanged
  | Entered
  | CallMoved
  | PeerJoined
  | PeerLeft
  | PeerAway
  | RelayedOffer
  | RelayedAnswer
  | RelayedCandidate
  | PeerMedia
  | Chat
  | ChatMark
  | VoiceNote
  | VoiceNoteMark
  | PhotoAsked
  | PeerPhoto;

/** Why a socket ends; see signaling/PROTOCOL.md. */
export interface Closing {
  readonly NORMAL: 1000;
  readonly GOING_AWAY: 1001;
  readonly INTERNAL: 1011;
  readonly SIGN_IN_NEEDED: 4401;
  readonly SIGNED_OUT: 4402;
  readonly DISABLED: 4403;
  readonly TOO_MANY_SOCKETS: 4429;
  readonly TOO_FAST: 4430;
  readonly BAD_HELLO: 4440;
  readonly REPLACED: 4441;
  readonly WRONG_VERSION: 4442;
  readonly SILENT: 4443;
  readonly TOO_SLOW: 4444;
  readonly BAD_MESSAGES: 4445;
}
