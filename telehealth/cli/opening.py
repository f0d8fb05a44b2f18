"""What commands share: the settings, the records behind them, and the sentence for each way in which these fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import click

from records.archive import Archive, utc_now
from records.errors import RecordsError
from telehealth import parts, settings
from telehealth.settings import Settings

T = TypeVar("T")


class Trouble(click.ClickException):
    """A fault told in one sentence with its cure."""

    def show(self, file: Any = None) -> None:
        click.echo(self.format_message(), err=True, file=file)


def read_settings() -> Settings:
    try:
        return settings.read()
    except settings.BadSettings as bad:
        raise Trouble("\n".join(bad.faults)) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end; named errors become one sentence."""
    try:
        return asyncio.run(work)
    except RecordsError as error:
        raise Trouble(sentence(error)) from None
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None


def sentence(error: RecordsError) -> str:
    fields = getattr(error, "fields", None)
    detail = "; ".join(f"{name}: {code}" for name, code in fields.items()) if fields else str(error)
    return f"Refused ({error.code}){': ' + detail if detail else ''}."


@asynccontextmanager
async def archive(chosen: Settings) -> AsyncIterator[Archive]:
    """The records of this installation, only if database and keys are as they must be."""
    opened = parts.make_archive(chosen, utc_now)
    try:
        if faults := await parts.faults(opened, chosen):
            raise Trouble("\n".join(faults))
        yield opened
    finally:
        await opened.close()
