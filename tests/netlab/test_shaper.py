"""The line is what it says: rate, delay, jitter, loss and bursts, a queue with an end, cuts, firewalls, another address."""

from __future__ import annotations

import asyncio
import statistics
from contextlib import suppress

import pytest

from tests.netlab import lines, probe, rooms, shaper
from tests.netlab.lines import Shape
from tests.netlab.radio import Radio
from tests.netlab.rooms import Rooms

Lab = tuple[Rooms, Radio]


@pytest.mark.parametrize(("kbps", "size"), [(48, 300), (384, 1_200), (4_000, 1_200)])
async def test_the_rate_is_within_five_percent(line: Lab, kbps: float, size: int) -> None:
    made, radio = line
    await radio.shape(Shape(kbps, queue_ms=4_000))

    flight = await probe.fly(made, packets=int(kbps * 1_000 * 3 / 8 / size), size=size, every=0)      # three seconds' worth, all at once

    assert flight.lost == 0 and flight.kbps == pytest.approx(kbps, rel=0.05)


async def test_delay_and_jitter_are_as_asked(line: Lab) -> None:
    made, radio = line
    await radio.shape(Shape(delay_ms=80, jitter_ms=40))

    delays = (await probe.fly(made, packets=300, size=100, every=0.005)).delays_ms

    assert 80 <= min(delays) <= 95 and 95 <= statistics.median(delays) <= 125


async def test_nothing_overtakes(line: Lab) -> None:
    made, radio = line
    await radio.shape(Shape(delay_ms=20, jitter_ms=60))

    flight = await probe.fly(made, packets=200, size=100, every=0.003)

    assert list(flight.came) == sorted(flight.came)


async def test_losses_are_as_many_as_asked_and_each_by_itself(line: Lab) -> None:
    made, radio = line
    await radio.shape(Shape(loss=0.15))

    flight = await probe.fly(made, packets=3_000, size=100, every=0.001)

    assert flight.lost == pytest.approx(0.15, abs=0.03)
    assert statistics.mean(flight.runs) == pytest.approx(1 / 0.85, rel=0.1)


async def test_losses_in_bursts_are_as_many_and_three_long(line: Lab) -> None:
    made, radio = line
    await radio.shape(Shape(loss=0.15, burst=lines.BURST))

    flight = await probe.fly(made, packets=4_000, size=100, every=0.001)

    assert flight.lost == pytest.approx(0.15, abs=0.04)
    assert statistics.mean(flight.runs) == pytest.approx(lines.BURST, rel=0.2)


async def test_the_queue_ends_where_it_should(line: Lab) -> None:
    made, radio = line
    await radio.shape(Shape(100, queue_ms=400))

    delays = (await probe.fly(made, packets=100, size=500, every=0.005)).delays_ms

    assert 380 <= max(delays) <= 600      # the queue, the packet that is on the wire, and a busy machine; 4,000 without an end


async def test_a_cut_line_carries_nothing_until_it_is_back(line: Lab) -> None:
    made, radio = line
    await radio.down()
    while_cut = await probe.fly(made, packets=20, size=100, every=0.001)
    await radio.up()

    after = await probe.fly(made, packets=20, size=100, every=0.001)

    assert while_cut.lost == 1 and after.lost == 0
    assert (await radio.counts())["up"]["cut"] == 20


async def test_a_rate_changes_while_packets_wait(line: Lab) -> None:
    made, radio = line
    await radio.shape(Shape(50, queue_ms=2_000))
    flying = asyncio.create_task(probe.fly(made, packets=40, size=500, every=0.001))
    await asyncio.sleep(0.5)        # some of them are sent slowly, most wait
    await radio.shape(Shape(1_000, queue_ms=2_000))

    flight = await flying

    assert flight.delays_ms[-1] < 1_200      # 3,200 at the old rate


async def test_the_station_moves_and_packets_find_its_new_address(line: Lab) -> None:
    made, radio = line
    before = await probe.fly(made, packets=5, size=100, every=0.001)
    await radio.move()

    after = await probe.fly(made, packets=5, size=100, every=0.001)

    assert (before.sources, after.sources) == ({rooms.STATION["wlan0"]}, {rooms.STATION["wwan0"]})
    assert after.lost == 0


async def test_nothing_passes_under_an_address_that_the_station_has_left(line: Lab) -> None:
    made, radio = line
    with rooms.within(made.station):
        old = probe.bound(rooms.STATION["wlan0"])
    with old:
        assert (await probe.fly(made, packets=5, size=100, every=0.001, sender=old)).lost == 0
        await radio.move()

        assert (await probe.fly(made, packets=5, size=100, every=0.001, sender=old)).lost == 1


async def test_a_firewall_lets_through_what_its_rule_says(line: Lab) -> None:
    made, radio = line
    open_all = await probe.fly(made, packets=5, size=100, every=0.001)
    await radio.allow("no-udp")
    no_udp = await probe.fly(made, packets=5, size=100, every=0.001)

    assert (open_all.lost, no_udp.lost) == (0, 1)
    assert await _connects(made, 8_080) and await _connects(made, 443)
    await radio.allow("tls-443")
    assert not await _connects(made, 8_080) and await _connects(made, 443)


def test_only_tcp_from_and_to_443_is_tls() -> None:
    def packet(kind: int, source: int, target: int) -> bytes:
        return bytes([0x45, *[0] * 8, kind, *[0] * 10]) + source.to_bytes(2, "big") + target.to_bytes(2, "big")

    assert shaper.may_pass("tls-443", packet(shaper.TCP, 50_000, 443)) and shaper.may_pass("tls-443", packet(shaper.TCP, 443, 50_000))
    assert not shaper.may_pass("tls-443", packet(shaper.UDP, 50_000, 443)) and not shaper.may_pass("tls-443", packet(shaper.TCP, 50_000, 80))


def test_lines_have_names() -> None:
    thin, bursts = lines.named("thin"), lines.named("thin+bursts")

    assert (thin.shape.kbps, thin.shape.delay_ms, thin.shape.loss, thin.shape.burst) == (64, 50, 0.15, 1)
    assert (bursts.shape.loss, bursts.shape.burst) == (0.15, 3)
    assert lines.named("tunnel").phases[-1] == lines.Phase(40, None)
    with pytest.raises(KeyError):
        lines.named("fibre")


async def test_rooms_are_gone_after_a_failure(line: Lab) -> None:
    with suppress(ZeroDivisionError), rooms.opened() as made:
        raise ZeroDivisionError

    assert not any((rooms.NETNS / name).exists() for name in made)


async def _connects(made: Rooms, port: int) -> bool:
    """Whether a TCP connection from the station to the server's port comes about within a second."""
    with rooms.within(made.server):
        server = await asyncio.start_server(lambda _, writer: writer.close(), rooms.SITE, port)
    async with server:
        return await probe.connects(made, port)
