"""A Chromium in a room of the lab: its own camera, microphone, profile and store of certificates."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Playwright

from tests.browser.chromiums import CHROMIUM, FLAGS
from tests.builders import PASSWORD, Someone
from tests.netlab.services import URL, Papers

HOOKS = Path(__file__).with_name("hooks.js")
WRAPPER = """#!/bin/sh
export HOME={home} TMPDIR={home}
exec ip netns exec {room} {chromium} "$@"
"""


PROGRAMS = {"certutil": "libnss3-tools", "turnserver": "coturn", "espeak-ng": "espeak-ng", CHROMIUM: "chromium", "setpriv": "util-linux"}


def lacking() -> str | None:
    """Which program a lab needs and does not find here, or None."""
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian: {package})"
    return None


async def open_browser(playwright: Playwright, room: str, folder: Path, papers: Papers, *, picture: Path, voice: Path,
                       autoplay: bool = True) -> Browser:
    """A Chromium that lives in ``room`` and believes this lab's authority. ``autoplay`` False: as strict as it comes."""
    home = folder / room
    home.mkdir()
    await asyncio.to_thread(_trust, home, papers)
    wrapper = home / "chromium"
    wrapper.write_text(WRAPPER.format(home=home, room=room, chromium=CHROMIUM))
    wrapper.chmod(0o700)
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={picture}", f"--use-file-for-fake-audio-capture={voice}"]
    if autoplay:
        flags.append("--autoplay-policy=no-user-gesture-required")
    # Playwright talks to it over a pipe, which knows no namespaces.
    return await playwright.chromium.launch(executable_path=wrapper, headless=True, args=flags, env={**os.environ})


def _trust(home: Path, papers: Papers) -> None:
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for command in (["-N", "--empty-password"], ["-A", "-n", "lab", "-t", "C,,", "-i", str(papers.authority)]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *command], check=True, capture_output=True)


async def context_of(browser: Browser) -> BrowserContext:
    """Somebody's fresh session in a browser, with the lab's hooks in every page."""
    context = await browser.new_context(locale="vi-VN", permissions=["camera", "microphone"], viewport={"width": 1_366, "height": 768})
    await context.add_init_script(path=HOOKS)
    return context


async def sign_in(context: BrowserContext, person: Someone) -> Page:
    page = await context.new_page()
    await page.goto(f"{URL}/sign-in")
    await page.fill("#user_name", person.user_name)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{URL}/")
    return page
