"""The command line: ``telehealth serve | migrate | user | keys | audit | check | demo``. Each command is one small module."""

from __future__ import annotations

import logging

import click

from telehealth.cli import audit, check, demo, keys, migrate, serve, user


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Remote consultations for commune health stations. Settings are TELEHEALTH_* variables: see deploy/README.md."""
    # A command speaks in sentences of its own; only ``serve`` writes the log.
    logging.getLogger().addHandler(logging.NullHandler())


for command in (serve.serve, migrate.migrate, user.user, keys.keys, audit.audit, check.check, demo.demo):
    commands.add_command(command)
