"""Signing in and out."""

from __future__ import annotations


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
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in await answer.text()
    assert not await visitor.is_signed_in()
