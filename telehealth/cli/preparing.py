"""What ``serve --prepare`` does before it listens: data folder, keys, tables and the demo, each only where it is missing."""

from __future__ import annotations

import click

from records.archive import Archive, utc_now
from records.guard import keyring
from telehealth import demo, parts
from telehealth.cli import demo as demo_command
from telehealth.cli.migrate import bring_up
from telehealth.cli.opening import Trouble
from telehealth.settings import Settings

MARK = "demo"                   # a file in the data folder: "loading" or "loaded"
SQLITE = ("", "-wal", "-shm")


async def prepare(settings: Settings) -> None:
    """Make what is missing. Raises Trouble with the sentence of what is there and cannot be used."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data.chmod(0o700)          # a folder that was there already too
    if _mark(settings) == "loading":
        _begin_again(settings)
    archive = parts.make_archive(settings, utc_now)
    try:
        fresh = await _open(archive, settings)
    finally:
        await archive.close()
    if fresh:
        await _load_demo(settings)


def is_demo(settings: Settings) -> bool:
    return _mark(settings) == "loaded"


def _mark(settings: Settings) -> str:
    path = settings.data / MARK
    return path.read_text().strip() if path.exists() else ""


async def _open(archive: Archive, settings: Settings) -> bool:
    """Keys and tables; True when the database was empty before."""
    fresh = await parts.database_state(archive) == "empty"
    if fresh and not settings.keys.exists():
        keyring.make_key_file(settings.keys)
    await bring_up(archive)
    if faults := await parts.faults(archive, settings):
        raise Trouble("\n".join(faults))
    return fresh


async def _load_demo(settings: Settings) -> None:
    click.echo("Loading the demo / Đang nạp dữ liệu mẫu …", err=True)
    (settings.data / MARK).write_text("loading")
    await demo_command.load(settings)
    (settings.data / MARK).write_text("loaded")


def _begin_again(settings: Settings) -> None:
    """The demo was interrupted while it was loaded: away with the half of it, which holds nothing else."""
    if settings.database_url or settings.key_store_url:
        raise Trouble("Loading the demo was interrupted: empty its database, delete the file 'demo' in the data folder, "
                      "and start again.")
    for path in (settings.data / "telehealth.db", settings.data / "keys" / "patients.db"):
        for end in SQLITE:
            path.with_name(path.name + end).unlink(missing_ok=True)
    (settings.data / MARK).unlink()


def tell(settings: Settings, address: str) -> None:
    """Where to go and as whom, for two windows of one browser: cookies tell localhost from 127.0.0.1."""
    click.echo(f"\nKhám từ xa / Telehealth: {address}   (Ctrl-C to stop / để dừng)", err=True)
    if not is_demo(settings):
        return
    first, second = _two(address)
    rows = [("window 1 / cửa sổ 1", first, "tuyet"), ("window 2 / cửa sổ 2", second, "minh")]
    for window, where, name in rows:
        click.echo(f"  {window}:  {where}  →  {name}", err=True)
    click.echo(f"\n  Invented people, one password for all / Mọi tài khoản mẫu dùng chung mật khẩu:  {demo.PASSWORD}", err=True)
    for one in demo.STAFF:
        click.echo(f"    {one.user_name:<7} {one.full_name:<15} {one.doing}", err=True)
    click.echo("", err=True)


def _two(address: str) -> tuple[str, str]:
    if "//127.0.0.1:" in address:
        return address.replace("//127.0.0.1:", "//localhost:"), address
    return address, address
