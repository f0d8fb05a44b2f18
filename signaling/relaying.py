"""What is handed on from one browser to the other: offers, answers and candidates, with a sender that the server names."""

from __future__ import annotations

from signaling import messages

Relayed = messages.Offer | messages.Answer | messages.Candidate


def relayed(sender: str, message: Relayed) -> messages.FromServer:
    """The message as the other side gets it."""
    match message:
        case messages.Candidate():
            return messages.RelayedCandidate(call=message.call, sender=sender, round=message.round, candidate=message.candidate)
        case messages.Offer():
            return messages.RelayedOffer(call=message.call, sender=sender, round=message.round, sdp=message.sdp)
        case messages.Answer():
            return messages.RelayedAnswer(call=message.call, sender=sender, round=message.round, sdp=message.sdp)
