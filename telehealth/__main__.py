"""``python -m telehealth``: the command line. Says what is wrong in one sentence, with the cure, instead of a trace."""

from __future__ import annotations

import sys

OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"telehealth needs Python {OLDEST[0]}.{OLDEST[1]} or newer: this is {sys.version.split()[0]}.")
    from telehealth.cli import commands  # noqa: PLC0415  an old Python could not even read it

    commands(prog_name="telehealth")


if __name__ == "__main__":
    main()
