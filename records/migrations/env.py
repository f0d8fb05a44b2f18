"""How Alembic reaches the database: over the connection that ``records.migrations`` hands in, inside its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from records import database, migrations


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Our own type by its short name; everything else as Alembic writes it."""
    return "database.Instant()" if kind == "type" and isinstance(item, database.Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=migrations.metadata(),
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
