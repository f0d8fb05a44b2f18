"""Credentials that coturn accepts, for an hour at most, under a name that says nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from signaling import turn

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_password_is_what_coturn_computes():
    server = turn.credentials(b"north", "abc", now=NOW, lifetime=HOUR, urls=["turn:relay.example"])

    expiry = int(NOW.timestamp()) + 3600
    expected = hmac.new(b"north", f"{expiry}:abc".encode(), hashlib.sha1)
    assert server.username == f"{expiry}:abc"
    assert base64.b64decode(server.credential) == expected.digest()
    assert len(server.credential) == 28


@pytest.mark.parametrize("lifetime", [timedelta(0), -HOUR, HOUR + timedelta(seconds=1)])
def test_a_lifetime_is_more_than_nothing_and_at_most_an_hour(lifetime):
    with pytest.raises(ValueError, match="hour"):
        turn.credentials(b"north", "abc", now=NOW, lifetime=lifetime, urls=[])


def test_a_name_says_nothing_and_differs_by_call():
    plan = turn.Turn(clock=lambda: NOW, turn_urls=("turn:relay.example",), secret=b"north", policy="relay")

    first, again, other = plan.media("call-1", "hoa"), plan.media("call-1", "hoa"), plan.media("call-2", "hoa")

    assert first == again
    assert first.policy == "relay"
    assert first.ice_servers[0].username != other.ice_servers[0].username
    assert "hoa" not in first.ice_servers[0].username


def test_without_a_relay_no_credential_is_made():
    plan = turn.Turn(clock=lambda: NOW, stun_urls=("stun:relay.example",))

    assert [server.credential for server in plan.media("call", "hoa").ice_servers] == [""]
    assert turn.Turn(clock=lambda: NOW).media("call", "hoa").ice_servers == []


def test_the_secret_is_not_shown():
    assert "north" not in repr(turn.Turn(clock=lambda: NOW, secret=b"north"))


def test_a_line_check_gets_a_credential_of_a_minute_under_a_name_of_its_own():
    plan = turn.Turn(clock=lambda: NOW, turn_urls=("turn:relay.example",), secret=b"north")

    checked, called = plan.check("hoa").ice_servers[0], plan.media("call", "hoa").ice_servers[0]

    assert int(checked.username.split(":")[0]) == NOW.timestamp() + 60
    assert checked.username.split(":")[1] != called.username.split(":")[1]
