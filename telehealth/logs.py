"""The log: JSON lines with ids and codes, never names, notes, tokens or query strings."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

QUIET = ("aiohttp.access", "aioice", "aiortc", "alembic", "asyncio")


def start(level: str) -> None:
    """Send our log and that of the libraries to standard error, one JSON object per line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"), _without_locals,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False)]))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    logging.getLogger("aiohttp.access").setLevel(level.upper())


class AccessLog(AbstractAccessLogger):
    """One line per request: method, the route's pattern (never the address with its ids or queries), status, time."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        structlog.get_logger("access").info(
            "request", method=request.method, route=route_of(request), status=response.status, ms=round(time * 1000, 1))


def route_of(request: web.BaseRequest) -> str:
    """The pattern of the route, as ``/patients/{id}``; empty where nothing matched."""
    match = getattr(request, "match_info", None)
    resource = match.route.resource if match is not None else None
    return resource.canonical if resource is not None else ""


def _without_locals(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Faults are told by type and place only: the text of an exception may hold what somebody typed."""
    fault = event.pop("exc_info", None)
    if fault:
        kind, error, trace = sys.exc_info() if fault is True else _parts(fault)
        event["fault"] = kind.__name__ if kind else ""
        event["places"] = _places(trace)
        event["code"] = getattr(error, "code", "")
    return event


def _parts(fault: Any) -> tuple[Any, Any, Any]:
    if isinstance(fault, BaseException):
        return type(fault), fault, fault.__traceback__
    return fault if isinstance(fault, tuple) else sys.exc_info()


def _places(trace: Any) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    return places[-12:]
