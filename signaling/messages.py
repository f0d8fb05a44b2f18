"""Every message between a page and this server, in both directions; close codes; decode and encode.

One frozen type per message, tagged by ``type``; unknown fields are refused. A message from a browser has no field for its
sender, so a peer cannot even spell a forged one. SDP and candidates are strings that the server never parses.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Literal

import msgspec

SUBPROTOCOL = "telehealth.v1"
MAX_FRAME_BYTES = 64 * 1024

Id = Annotated[str, msgspec.Meta(min_length=36, max_length=36, pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9-]+$")]
Sdp = Annotated[str, msgspec.Meta(min_length=1, max_length=60_000)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Side = Literal["worker", "doctor"]
Rung = Literal["", "clear", "medium", "small", "stills", "voice", "voice-notes", "text"]   # what a side sends; "": not said yet
Power = Literal["", "mains", "battery", "low"]      # "low": under 15 % and discharging; "": the browser does not say
Battery = Annotated[int, msgspec.Meta(ge=-1, le=100)]   # percent, or -1 for unknown


class Closing(IntEnum):
    """Why a socket ends. 4000-4999 is the range left to applications (RFC 6455, 7.4.2)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    INTERNAL = 1011
    SIGN_IN_NEEDED = 4401      # no valid login: show the sign-in page
    SIGNED_OUT = 4402          # signed out here or everywhere
    DISABLED = 4403            # the account was disabled
    TOO_MANY_SOCKETS = 4429    # this account has 20 pages open
    TOO_FAST = 4430            # more messages than the budget allows
    BAD_HELLO = 4440           # the first message was not a valid hello, or came too late
    REPLACED = 4441            # a newer socket carries this session
    WRONG_VERSION = 4442       # this page is of another version: reload
    SILENT = 4443              # no answer to a ping
    TOO_SLOW = 4444            # the outbound queue is full
    BAD_MESSAGES = 4445        # refused too often


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=False):
    """A part of a message."""


class Message(Struct, frozen=True, tag_field="type"):
    """The base of all messages."""


# ---------------------------------------------------------------- parts


class IceServer(Struct, frozen=True):
    """RTCIceServer (W3C WebRTC 4.2.2). Lives for at most one hour."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class PeerToPeer(Struct, frozen=True, tag_field="type", tag="peer-to-peer"):
    """Media flows from browser to browser. ``policy``: RTCIceTransportPolicy."""

    ice_servers: list[IceServer]
    policy: Literal["all", "relay"] = "all"


class Peer(Struct, frozen=True):
    """Somebody in a call. ``peer`` is the id of one browser connection; ``participant`` of the person behind it."""

    peer: Id
    participant: Id
    side: Side
    name: str
    organization: str
    microphone: bool = True
    camera: bool = True
    rung: Rung = ""
    saver: bool = False
    curtain: bool = False
    power: Power = ""
    battery: Battery = -1


class Resume(Struct, frozen=True):
    """What a page shows to take up its session again: single-use token, and the last ``seq`` it has handled."""

    session: Id
    token: Annotated[str, msgspec.Meta(min_length=20, max_length=100)]
    received: Count


class Quality(Struct, frozen=True):
    """What one side measured over the last ten seconds. Rates in kbit/s, loss in percent, round trip in ms.

    ``lost_percent``, ``concealed_percent`` (of the voice, made up by the receiver) and ``jitter_ms`` are of what it received;
    ``rung`` and ``available_kbps`` (the estimate for sending, 0: unknown) of what it sends. ``path``: this side's end of the
    connection; ``network``: what carries it, where the browser says so.
    """

    received_kbps: Annotated[float, msgspec.Meta(ge=0, le=1e6)]
    sent_kbps: Annotated[float, msgspec.Meta(ge=0, le=1e6)]
    lost_percent: Annotated[float, msgspec.Meta(ge=0, le=100)]
    round_trip_ms: Annotated[float, msgspec.Meta(ge=0, le=1e6)]
    concealed_percent: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0
    jitter_ms: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 0.0
    available_kbps: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 0.0
    path: Literal["", "host", "srflx", "relay-udp", "relay-tcp", "relay-tls"] = ""
    network: Literal["", "wifi", "cellular", "ethernet", "other"] = ""
    rung: Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[a-z0-9-]*$")] = ""
    bytes_used: Count = 0


class RingingRequest(Struct, frozen=True):
    """A request that rings this doctor. What is said about the patient is read over HTTP, audited."""

    request: Id
    emergency: bool
    shown: bool


class LiveRequest(Struct, frozen=True):
    """A request of this worker that is not over."""

    request: Id
    status: Code


class LiveCall(Struct, frozen=True):
    """The call in which this person is, wherever its page may be. ``here``: in this very session."""

    call: Id
    here: bool


# ---------------------------------------------------------------- from the browser


class Hello(Message, frozen=True, tag="hello"):
    """The first message, within 5 s of the upgrade. ``tab`` names the browser tab; a reload keeps it."""

    tab: Id
    resume: Resume | None = None


class Pong(Message, frozen=True, tag="pong"):
    """Answers a ping. ``received``: the last ``seq`` this page has handled; frees the replay buffer."""

    received: Count


class RingShown(Message, frozen=True, tag="ring-shown"):
    """This device shows the ring of ``request`` to its doctor."""

    id: Id
    request: Id


class HoldLeg(Message, frozen=True, tag="leg"):
    """This page makes ready to connect while ``request`` rings: the station's page, or a doctor's that has shown the ring.

    ``peer`` was made by the page; the seat is taken under it when the request is accepted. ``thin``: the station's line
    bears one leg, not two.
    """

    id: Id
    request: Id
    peer: Id
    thin: bool = False


class Enter(Message, frozen=True, tag="enter"):
    """Take the seat in ``call``. ``peer`` was made by the page and lives as long as its peer connection.

    With ``take_over`` a seat held by another tab of the same person is taken; without it that is refused
    (``call-elsewhere``). The same tab may always take its own seat back.
    """

    id: Id
    call: Id
    peer: Id
    take_over: bool = False
    microphone: bool = True
    camera: bool = True


class Leave(Message, frozen=True, tag="leave"):
    """Give the seat back. Leaving ends nothing: the call waits."""

    id: Id
    call: Id


class Offer(Message, frozen=True, tag="offer"):
    """An SDP offer to peer ``to``. ``round`` numbers negotiations of this pair, upwards.

    ``call``, here and in answer and candidate: the call's id, or while it rings the id of the request that owns the leg.
    """

    call: Id
    to: Id
    round: Count
    sdp: Sdp


class Answer(Message, frozen=True, tag="answer"):
    """The SDP answer to the offer of the same ``round``."""

    call: Id
    to: Id
    round: Count
    sdp: Sdp


class Candidate(Message, frozen=True, tag="candidate"):
    """One ICE candidate as JSON of RTCIceCandidateInit; the empty string ends them."""

    call: Id
    to: Id
    round: Count
    candidate: Annotated[str, msgspec.Meta(max_length=2_000)]


class MediaState(Message, frozen=True, tag="media-state"):
    """What this side sends now: microphone and camera, the rung of the ladder, whether it saves data, whether the curtain is
    drawn over its camera, and what its device runs on."""

    id: Id
    call: Id
    microphone: bool
    camera: bool
    rung: Rung = ""
    saver: bool = False
    curtain: bool = False
    power: Power = ""
    battery: Battery = -1


class MediaReport(Message, frozen=True, tag="media-report"):
    """Whether this side receives the other's media: moves the call's state machine."""

    id: Id
    call: Id
    media: Literal["connected", "lost"]


class Measured(Message, frozen=True, tag="measured"):
    """Ten seconds of this side's call, for the session log."""

    id: Id
    call: Id
    quality: Quality


class Fault(Message, frozen=True, tag="fault"):
    """What this side knows of its own trouble, for the session log; moves nothing.

    ``line-out``: nothing came from the server for ``seconds``; ``path-failed``: no way to the other side, ``detail`` what was
    found; ``microphone-fault``, ``camera-fault``: ``detail`` why.
    """

    id: Id
    call: Id
    kind: Literal["line-out", "path-failed", "microphone-fault", "camera-fault"]
    detail: Annotated[str, msgspec.Meta(max_length=30, pattern=r"^[a-z0-9-]*$")] = ""
    seconds: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0


class Say(Message, frozen=True, tag="say"):
    """One line of chat, kept sealed with the encounter. ``id`` becomes the message's id, so a retry says it once."""

    id: Id
    call: Id
    text: Text


class ChatSeen(Message, frozen=True, tag="chat-seen"):
    """The chat has arrived here up to and including message number ``number``; ``seen`` when it was in view, too."""

    id: Id
    call: Id
    number: Count
    seen: bool = True


class VoiceNoteReached(Message, frozen=True, tag="voice-note-reached"):
    """A voice note of the other side has arrived here; ``heard`` when it was played to its end, too."""

    id: Id
    call: Id
    note: Id
    heard: bool = False


class PhotoWanted(Message, frozen=True, tag="photo-wanted"):
    """The doctor asks the station for a sharp still; ``still`` is the id it will have. The same again is the same wish."""

    id: Id
    call: Id
    still: Id


class PhotoState(Message, frozen=True, tag="photo-state"):
    """How far the station is with ``still``: the worker is being asked, it is being taken, or why there is none."""

    id: Id
    call: Id
    still: Id
    state: Literal["asking", "taking", "curtain", "camera-off", "no-camera", "no-answer", "busy", "failed"]


FromBrowser = (
    Hello | Pong | RingShown | HoldLeg | Enter | Leave | Offer | Answer | Candidate | MediaState | MediaReport | Measured
    | Fault | Say | ChatSeen | VoiceNoteReached | PhotoWanted | PhotoState
)


# ---------------------------------------------------------------- from the server


class Numbered(Message, frozen=True, kw_only=True):
    """Every message to a page bears ``seq``, set by its session when it is sent; written without it elsewhere.

    Messages are numbered from 1 without gaps. ``welcome``, ``snapshot`` and ``ping`` take no number: they bear the number
    of the message before them, so the page sees at once whether it has missed something.
    """

    seq: Count = 0


class Welcome(Numbered, frozen=True, tag="welcome"):
    """The session is open. ``resumed``: what was missed follows; otherwise the page starts from the snapshot.

    ``relayed``: how many offers, answers and candidates of this page have arrived; it sends those after them again.
    """

    session: Id
    token: str
    participant: Id
    resumed: bool
    server_time: str
    relayed: Count = 0


class Snapshot(Numbered, frozen=True, tag="snapshot"):
    """How things stand now; the page replaces its view. Follows every welcome."""

    duty: bool
    ringing: list[RingingRequest]
    requests: list[LiveRequest]
    calls: list[LiveCall]


class Ack(Numbered, frozen=True, tag="ack"):
    """The command with this ``id`` has taken effect (once, however often it was sent)."""

    id: Id


class Refused(Numbered, frozen=True, tag="refused"):
    """The command with this ``id`` has no effect; everything else goes on. ``code`` is stable."""

    code: Code
    id: str = ""
    path: str = ""


class Ping(Numbered, frozen=True, tag="ping"):
    """Asks whether the page is there: after 15 s of silence, after 2 s in a call. ``relayed``: as in ``welcome``."""

    relayed: Count = 0


class Drain(Numbered, frozen=True, tag="drain"):
    """The server goes down for a restart: come back after a random time within ``within_ms``."""

    within_ms: Count


class Ring(Numbered, frozen=True, tag="ring"):
    """A station asks for this doctor. The page reads ``/requests/{request}/ring`` and shows it."""

    request: Id
    emergency: bool


class Taken(Numbered, frozen=True, tag="taken"):
    """The request no longer rings: ``by`` is the name of the doctor who took it, or empty when it ended otherwise."""

    request: Id
    by: str
    reason: Code
    mine: bool = False


class LegOpened(Numbered, frozen=True, tag="leg-opened"):
    """Connect to ``other`` and send nothing: if the request is accepted there, this connection becomes the call's.

    ``peer``: this page's own id. ``polite`` as in ``entered``. The same ``other`` again: keep the connection that stands.
    """

    request: Id
    peer: Id
    other: Id
    polite: bool
    media: PeerToPeer


class LegClosed(Numbered, frozen=True, tag="leg-closed"):
    """The leg with ``other`` is over: close its connection at once."""

    request: Id
    other: Id


class RequestChanged(Numbered, frozen=True, tag="request-changed"):
    """A request of this station moved: the page reads ``/requests/{request}/state``.

    When it was accepted, ``call`` is open and ``leg`` is the peer with whom a connection stands already, or empty.
    """

    request: Id
    status: Code
    call: str = ""
    leg: str = ""


class CallChanged(Numbered, frozen=True, tag="call-changed"):
    """The call's state machine moved. ``finish_in_ms``: until an armed finish becomes final, or -1."""

    call: Id
    state: Code
    reason: str = ""
    finish_in_ms: int = -1


class NoteChanged(Numbered, frozen=True, tag="note-changed"):
    """A note of the encounter was signed or amended: the page reads it over HTTP."""

    encounter: Id


class CaseChanged(Numbered, frozen=True, tag="case-changed"):
    """The station wrote in a case that a doctor took; with ``photo``: the doctor opened that photo."""

    encounter: Id
    photo: str = ""


class DutyChanged(Numbered, frozen=True, tag="duty-changed"):
    """Duty began or ended, perhaps in another tab."""

    duty: bool


class Entered(Numbered, frozen=True, tag="entered"):
    """The seat is taken. ``polite``: this side's role in perfect negotiation (doctor polite, station impolite)."""

    call: Id
    peer: Id
    polite: bool
    peers: list[Peer]
    media: PeerToPeer


class CallMoved(Numbered, frozen=True, tag="call-moved"):
    """Another tab of the same person took this seat: stop the media here."""

    call: Id


class PeerJoined(Numbered, frozen=True, tag="peer-joined"):
    """Somebody took a seat. The same ``peer`` again means: the same connection came back, keep its media."""

    call: Id
    peer: Peer


class PeerLeft(Numbered, frozen=True, tag="peer-left"):
    """A seat is empty. ``reason``: left (on purpose), gone (silent for too long), replaced, dismissed."""

    call: Id
    peer: Id
    reason: Code


class PeerAway(Numbered, frozen=True, tag="peer-away"):
    """The other side's socket is gone for the moment; its media may well go on."""

    call: Id
    peer: Id


class RelayedOffer(Numbered, frozen=True, tag="relayed-offer"):
    """An offer from ``sender``, set by the server."""

    call: Id
    sender: Id
    round: Count
    sdp: str


class RelayedAnswer(Numbered, frozen=True, tag="relayed-answer"):
    """An answer from ``sender``, set by the server."""

    call: Id
    sender: Id
    round: Count
    sdp: str


class RelayedCandidate(Numbered, frozen=True, tag="relayed-candidate"):
    """A candidate from ``sender``, set by the server."""

    call: Id
    sender: Id
    round: Count
    candidate: str


class PeerMedia(Numbered, frozen=True, tag="peer-media"):
    """What peer ``peer`` sends now; fields as in ``media-state``."""

    call: Id
    peer: Id
    microphone: bool
    camera: bool
    rung: Rung = ""
    saver: bool = False
    curtain: bool = False
    power: Power = ""
    battery: Battery = -1


class Chat(Numbered, frozen=True, tag="chat"):
    """One line of chat, to both sides; the writer's own comes back with its number and instant."""

    call: Id
    id: Id
    number: Count
    participant: Id
    name: str
    text: str
    sent_at: str


class ChatMark(Numbered, frozen=True, tag="chat-mark"):
    """The chat has arrived at ``participant`` up to ``number``; ``seen`` when it was in view, too."""

    call: Id
    participant: Id
    number: Count
    seen: bool = True


class VoiceNote(Numbered, frozen=True, tag="voice-note"):
    """A voice note is complete, to both sides; the page fetches its sound over HTTP. ``number``: the author's, gapless."""

    call: Id
    id: Id
    number: Count
    participant: Id
    name: str
    length_ms: Count
    spoken_at: str


class VoiceNoteMark(Numbered, frozen=True, tag="voice-note-mark"):
    """The voice note ``note`` has arrived at ``participant``; ``heard`` when it was played to its end, too."""

    call: Id
    participant: Id
    note: Id
    heard: bool


class PhotoAsked(Numbered, frozen=True, tag="photo-asked"):
    """To the station: the doctor asks for ``still``. With ``ask`` the patient comes first; the answer goes over HTTP."""

    call: Id
    still: Id
    ask: bool


class PeerPhoto(Numbered, frozen=True, tag="peer-photo"):
    """How it stands with ``still``: as in ``photo-state``, or ``refused`` (the patient does not agree), ``kept``."""

    call: Id
    still: Id
    state: Code


FromServer = (
    Welcome | Snapshot | Ack | Refused | Ping | Drain | Ring | Taken | LegOpened | LegClosed | RequestChanged | CallChanged
    | NoteChanged | CaseChanged | DutyChanged | Entered | CallMoved | PeerJoined | PeerLeft | PeerAway | RelayedOffer
    | RelayedAnswer | RelayedCandidate | PeerMedia | Chat | ChatMark | VoiceNote | VoiceNoteMark
    | PhotoAsked | PeerPhoto
)

_decoder = msgspec.json.Decoder(FromBrowser)
_encoder = msgspec.json.Encoder()


def decode(frame: str | bytes) -> FromBrowser:
    """The message in ``frame``. Raises msgspec.DecodeError (ValidationError carries the path of the fault)."""
    message: FromBrowser = _decoder.decode(frame)
    return message


def encode(message: FromServer) -> bytes:
    """The message as UTF-8 JSON, on one line."""
    return _encoder.encode(message)


def numbered(encoded: bytes, seq: int) -> bytes:
    """What ``encode`` made, bearing the number ``seq``: it is the last field, so no message is encoded twice."""
    return b"%b%d}" % (encoded[:-2], seq)
