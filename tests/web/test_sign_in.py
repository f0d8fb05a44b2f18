"""Signing in and out: what opens, what does not, and how guessing is slowed down."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from records.acts import Actor
from records.guard.tables import AuditEvent
from records.people.tables import Login, Practitioner
from signaling.messages import Closing
from tests.builders import PASSWORD
from web import login
from web.keys import GATE
from web.passwords import Passwords
from web.replies import Busy

NEW_PASSWORD = "mây phủ đèo Giàng"
WRONG = "Tên đăng nhập hoặc mật khẩu chưa đúng."


async def rows(archive, query):
    async with archive.act(Actor.of_system("test")) as act:
        return list((await act.db.scalars(query)).all())


async def test_the_right_password_opens_the_page_that_was_asked_for(visitor, people):
    asked = await visitor.get("/me")
    answer = await visitor.sign_in(people.nurse, next="/me")

    assert asked.status == 303
    assert asked.headers["Location"] == "/sign-in?next=/me"
    assert answer.status == 303
    assert answer.headers["Location"] == "/me"
    page = await (await visitor.get("/me")).text()
    assert "Nông Thị Tuyết" in page
    assert "Vi Hương" in page


async def test_a_wrong_password_opens_nothing(visitor, people):
    answer = await visitor.sign_in(people.nurse, "không phải")

    assert answer.status == 422
    assert WRONG in await answer.text()
    assert PASSWORD not in await answer.text()
    assert not await visitor.is_signed_in()


async def test_a_name_nobody_bears_is_told_the_same_as_a_wrong_password(visitor, people):
    known = await (await visitor.sign_in(people.nurse, "không phải")).text()
    unknown = await (await visitor.sign_in("khong-co-ai", "không phải")).text()

    assert unknown.replace("khong-co-ai", people.nurse.user_name) == known


async def test_empty_fields_are_named(visitor):
    answer = await visitor.post("/sign-in", data={"user_name": "", "password": ""})

    assert answer.status == 422
    assert (await answer.text()).count("Chưa điền ô này.") == 2


async def test_the_user_name_may_be_typed_in_capitals(visitor, people):
    assert (await visitor.sign_in(people.nurse.user_name.upper())).status == 303


async def test_only_a_hash_of_the_token_is_stored(visitor, people, archive):
    await visitor.sign_in(people.nurse)

    (row,) = await rows(archive, select(Login))
    assert visitor.cookie().encode() not in row.token_hash
    assert len(row.token_hash) == 32
    assert len(visitor.cookie()) == 43


async def test_the_cookie_is_for_this_site_and_not_for_scripts(visitor, people, site):
    answer = await visitor.sign_in(people.nurse)

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"login-{site.port}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


async def test_a_proxy_with_tls_makes_it_a_host_cookie(start_site, browse, people):
    visitor = browse(await start_site(proxies=("127.0.0.1",)))
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "kham.example",
                 "Origin": "https://kham.example"}

    answer = await visitor.post("/sign-in", data={"user_name": "tuyet", "password": PASSWORD}, headers=forwarded)

    assert answer.status == 303
    assert answer.headers["Set-Cookie"].startswith("__Host-login=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_stranger_may_not_speak_for_a_proxy(start_site, browse):
    visitor = browse(await start_site(proxies=("192.0.2.1",)))

    forged = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "kham.example"}

    assert (await visitor.get("/sign-in", headers=forged)).status == 400


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
async def test_nobody_is_sent_to_another_site(visitor, people, target):
    assert (await visitor.sign_in(people.nurse, next=target)).headers["Location"] == "/"


async def test_a_disabled_account_is_told_so_only_with_the_right_password(visitor, people, archive):
    async with archive.act(Actor.of_system("test")) as act:
        await act.db.execute(update(Practitioner).where(Practitioner.id == people.nurse.id).values(disabled_at=act.at))

    right, wrong = await visitor.sign_in(people.nurse), await visitor.sign_in(people.nurse, "không phải")

    assert right.status == 403
    assert "đã bị khoá" in await right.text()
    assert "đã bị khoá" not in await wrong.text()
    assert not await visitor.is_signed_in()


@pytest.mark.parametrize("name", ["tuyet", "khong-co-ai"])
async def test_after_ten_failures_each_further_attempt_costs_time(visitor, people, clock, name):
    answers = [await visitor.sign_in(name, "không phải") for _ in range(10)]
    early = await visitor.sign_in(name, "không phải")
    clock.forward(seconds=31)
    later = await visitor.sign_in(name, "không phải")
    clock.forward(seconds=31)
    too_early = await visitor.sign_in(name, "không phải")

    assert [answer.status for answer in answers] == [422] * 9 + [429]
    assert early.status == 429
    assert early.headers["Retry-After"] == "30"
    assert "07:30:30" in await early.text()
    assert later.status == 429
    assert too_early.status == 429      # the delay has doubled
    assert too_early.headers["Retry-After"] == "29"


async def test_during_the_delay_even_the_right_password_waits_and_then_opens(visitor, people, clock):
    for _ in range(10):
        await visitor.sign_in(people.nurse, "không phải")

    early = await visitor.sign_in(people.nurse)
    clock.forward(seconds=31)
    later = await visitor.sign_in(people.nurse)

    assert early.status == 429
    assert later.status == 303


async def test_a_quarter_of_an_hour_without_failures_forgives_all(visitor, people, clock):
    for _ in range(9):
        await visitor.sign_in(people.nurse, "không phải")
    clock.forward(minutes=16)

    answers = [await visitor.sign_in(people.nurse, "không phải") for _ in range(9)]

    assert [answer.status for answer in answers] == [422] * 9


async def test_the_right_password_forgives_all(visitor, people, archive):
    for _ in range(9):
        await visitor.sign_in(people.nurse, "không phải")
    await visitor.sign_in(people.nurse)

    (row,) = await rows(archive, select(Practitioner).where(Practitioner.id == people.nurse.id))
    assert row.failures == 0


class CountingPasswords(Passwords):
    """Counts how many guesses were looked at."""

    checked = 0

    async def is_right(self, password, known_hash):
        self.checked += 1
        return await super().is_right(password, known_hash)


@pytest.mark.parametrize("name", ["tuyet", "khong-co-ai"])
async def test_many_guesses_at_once_are_no_way_around_the_delay(start_site, browse, people, name):
    passwords = CountingPasswords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    visitor = browse(await start_site(passwords=passwords))
    for _ in range(9):
        await visitor.sign_in(name, "không phải")

    answers = await asyncio.gather(*(visitor.sign_in(name, f"đoán {number}") for number in range(30)))

    assert passwords.checked == 10      # the tenth guess brings the delay for all the others
    assert {answer.status for answer in answers} <= {429, 503}


async def test_an_address_is_braked_softly(visitor, people, site):
    for _ in range(199):
        await site.app[GATE].address_failed("127.0.0.0/24")
    before = await visitor.sign_in(people.nurse, "không phải")
    after = await visitor.sign_in(people.nurse)

    assert before.status == 422
    assert after.status == 429
    assert "Mạng này" in await after.text()


async def test_a_failed_attempt_is_in_the_trail_without_the_name_that_was_typed(visitor, people, archive):
    await visitor.sign_in("ten-go-nham", "không phải")
    await visitor.sign_in(people.nurse)

    events = await rows(archive, select(AuditEvent).order_by(AuditEvent.sequence))
    assert [event.tag for event in events if event.tag.startswith("login:")] == ["login:failed", "login:started"]
    assert not any("ten-go-nham" in event.entry for event in events)


async def test_a_hash_of_weaker_settings_is_renewed_at_sign_in(start_site, browse, people, archive):
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    visitor = browse(await start_site(passwords=Passwords(hasher=stronger)))

    await visitor.sign_in(people.nurse)

    (row,) = await rows(archive, select(Practitioner).where(Practitioner.id == people.nurse.id))
    assert not stronger.check_needs_rehash(row.password_hash)
    assert stronger.verify(row.password_hash, PASSWORD)


async def test_too_many_who_wait_for_hashing_are_asked_to_come_back():
    passwords = Passwords(at_once=1, queue=1, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    answers = await asyncio.gather(*(passwords.hash("ruộng") for _ in range(3)), return_exceptions=True)

    assert [isinstance(answer, Busy) for answer in answers] == [False, False, True]


async def test_signing_out_ends_this_login_and_its_sockets(visitor, browse, site, people, archive):
    other = browse(site)
    await visitor.sign_in(people.nurse)
    await other.sign_in(people.nurse)
    token = visitor.cookie()

    answer = await visitor.post("/sign-out")

    (ended,) = await rows(archive, select(Login).where(Login.ended_at.is_not(None)))
    assert answer.headers["Location"] == "/sign-in?left=signed-out"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert site.dismissed == [(ended.id, Closing.SIGNED_OUT)]
    assert ended.token_hash == login.logins.hash_of(token)
    assert (await visitor.get("/me", cookies={f"login-{site.port}": token})).status == 303
    assert await other.is_signed_in()


async def test_signing_out_everywhere_ends_every_login(visitor, browse, site, people):
    other, somebody_else = browse(site), browse(site)
    for browser, who in ((visitor, people.nurse), (other, people.nurse), (somebody_else, people.doctor)):
        await browser.sign_in(who)

    await visitor.post("/me/logins/end")

    assert not await visitor.is_signed_in()
    assert not await other.is_signed_in()
    assert await somebody_else.is_signed_in()
    assert site.dismissed == [(people.nurse.id, Closing.SIGNED_OUT)]


async def test_my_page_lists_my_browsers_and_nobody_elses(visitor, browse, site, people):
    other = browse(site)
    await visitor.sign_in(people.nurse)
    await other.sign_in(people.doctor)

    page = await (await visitor.get("/me")).text()

    assert page.count("Chrome, Linux") == 1
    assert "máy này" in page
    assert "127.0.0.0/24" in page


async def test_a_new_password_signs_the_other_browsers_out(visitor, browse, site, people):
    other = browse(site)
    await visitor.sign_in(people.nurse)
    await other.sign_in(people.nurse)

    answer = await visitor.post("/me/password", data={"current": PASSWORD, "new": NEW_PASSWORD})

    assert answer.headers["Location"] == "/me?done=password"
    assert await visitor.is_signed_in()
    assert not await other.is_signed_in()
    assert len(site.dismissed) == 1
    assert (await other.sign_in(people.nurse)).status == 422
    assert (await other.sign_in(people.nurse, NEW_PASSWORD)).status == 303


@pytest.mark.parametrize(("current", "new", "told"), [
    ("không phải", NEW_PASSWORD, "Mật khẩu đang dùng chưa đúng."),
    (PASSWORD, "ngắn", "Ngắn quá"),
    (PASSWORD, PASSWORD, "giống mật khẩu cũ"),
    ("", "", "Chưa điền ô này."),
])
async def test_a_password_that_will_not_do_is_refused_with_its_reason(visitor, people, current, new, told):
    await visitor.sign_in(people.nurse)

    answer = await visitor.post("/me/password", data={"current": current, "new": new})

    assert answer.status == 422
    assert told in await answer.text()
    assert NEW_PASSWORD not in await answer.text()


async def test_guessing_the_present_password_is_slowed_like_signing_in(visitor, browse, site, people, clock, archive):
    await visitor.sign_in(people.nurse)
    guess = {"current": "không phải", "new": NEW_PASSWORD}
    guesses = [(await visitor.post("/me/password", data=guess)).status for _ in range(11)]

    braked = await visitor.post("/me/password", data={"current": PASSWORD, "new": NEW_PASSWORD})
    elsewhere = (await browse(site).sign_in(people.nurse)).status
    clock.forward(seconds=61)
    await visitor.post("/me/here")
    later = await visitor.post("/me/password", data={"current": PASSWORD, "new": NEW_PASSWORD})

    assert guesses == [422] * 10 + [429]
    assert braked.status == 429 and "Hãy thử lại sau" in await braked.text()
    assert elsewhere == 429
    assert later.status == 303
    (nurse,) = await rows(archive, select(Practitioner).where(Practitioner.id == people.nurse.id))
    assert (nurse.failures, nurse.retry_at) == (0, None)


async def test_signing_in_again_ends_the_login_before(visitor, people, archive):
    await visitor.sign_in(people.nurse)
    await visitor.sign_in(people.doctor)

    (living,) = await rows(archive, select(Login).where(Login.ended_at.is_(None)))
    assert living.practitioner_id == people.doctor.id
