"""Every setting, read once from ``TELEHEALTH_*`` variables; all faults are reported together, in sentences, without values."""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "TELEHEALTH_"
Words = Annotated[tuple[str, ...], NoDecode]   # several values in one variable, parted by commas or spaces


class BadSettings(Exception):
    """One or more settings do not fit; ``faults`` holds one sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(BaseSettings):
    """What can be set. Every field is the variable ``TELEHEALTH_`` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True, env_ignore_empty=True)

    host: str = Field(default="127.0.0.1", description="address to listen on; only loopback without TLS or a trusted proxy")
    port: int = Field(default=8470, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    data: Path = Field(default=Path("var"), description="folder of everything that is kept")
    database_url: str = Field(default="", description="sqlite:///path or postgresql://…; empty: telehealth.db in data")
    key_file: Path | None = Field(default=None, description="key file, mode 0400; empty: keys/telehealth.keys in data")
    key_store_url: str = Field(
        default="", description="where patient keys lie; empty: keys/patients.db in the data folder, or a schema in PostgreSQL")
    tls_cert: Path | None = Field(default=None, description="certificate chain (PEM) to serve TLS directly")
    tls_key: Path | None = Field(default=None, description="private key (PEM) of tls_cert")
    turn_urls: Words = Field(default=(), description="addresses of coturn, as turn:turn.example.vn:3478?transport=udp")
    turn_secret_file: Path | None = Field(default=None, description="file with coturn's static-auth-secret")
    ice_policy: Literal["all", "relay"] = Field(default="all", description="relay: media passes through TURN only")
    proxy: Words = Field(default=(), description="addresses of the reverse proxy; only these may name the client's address")
    metrics_port: int = Field(default=0, ge=0, le=65535, description="loopback port for /metrics; 0: none")
    station_idle_minutes: int = Field(default=10, ge=1, le=1440, description="a station's login ends after so long without use")
    idle_minutes: int = Field(default=30, ge=1, le=1440, description="everybody else's login ends after so long without use")
    login_hours: int = Field(default=12, ge=1, le=168, description="a login ends after so long in any case; a call is exempt")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level that is logged")

    @field_validator("turn_urls", "proxy", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data.resolve() / 'telehealth.db'}"

    @property
    def keys(self) -> Path:
        return self.key_file or _credential("telehealth.keys") or self.data.resolve() / "keys" / "telehealth.keys"

    @property
    def key_store(self) -> str:
        if not self.key_store_url and self.database_url.startswith("postgresql"):
            return self.database_url      # there in a schema of its own
        return self.key_store_url or f"sqlite:///{self.data.resolve() / 'keys' / 'patients.db'}"

    @property
    def turn_secret(self) -> bytes:
        """coturn's shared secret, or empty where no TURN server is configured."""
        path = self.turn_secret_file or _credential("turn-secret")
        return path.read_bytes().strip() if path else b""

    @property
    def relays(self) -> tuple[str, ...]:
        return tuple(url for url in self.turn_urls if url.startswith("turn"))

    @property
    def stuns(self) -> tuple[str, ...]:
        return tuple(url for url in self.turn_urls if url.startswith("stun"))

    @property
    def is_loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises BadSettings with every fault at once."""
    faults = _unknown(os.environ if environment is None else environment)
    try:
        settings = Settings()
    except ValidationError as error:
        raise BadSettings(faults + [_sentence(one) for one in error.errors(include_input=False, include_url=False)]) from None
    faults += check(settings)
    if faults:
        raise BadSettings(faults)
    return settings


def check(settings: Settings) -> list[str]:
    """What does not fit together, one sentence each."""
    faults = []
    if bool(settings.tls_cert) != bool(settings.tls_key):
        faults.append("TELEHEALTH_TLS_CERT and TELEHEALTH_TLS_KEY belong together: set both or neither.")
    if not (settings.is_loopback or settings.tls_cert or settings.proxy):
        faults.append("TELEHEALTH_HOST: without TLS only loopback (127.0.0.1, localhost) may be served; "
                      "set TELEHEALTH_TLS_CERT and TELEHEALTH_TLS_KEY, or TELEHEALTH_PROXY.")
    if settings.database_url and not settings.database_url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        faults.append("TELEHEALTH_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    if settings.turn_urls and not (settings.turn_secret_file or _credential("turn-secret")):
        faults.append("TELEHEALTH_TURN_URLS needs TELEHEALTH_TURN_SECRET_FILE.")
    if settings.ice_policy == "relay" and not settings.turn_urls:
        faults.append("TELEHEALTH_ICE_POLICY=relay needs TELEHEALTH_TURN_URLS.")
    return faults + _bad_addresses(settings) + _missing_files(settings)


def _bad_addresses(settings: Settings) -> list[str]:
    faults = []
    for address in settings.proxy:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            faults.append("TELEHEALTH_PROXY: every entry must be an IP address or a network such as 10.0.0.0/24.")
    if not all(url.startswith(("turn:", "turns:", "stun:", "stuns:")) for url in settings.turn_urls):
        faults.append("TELEHEALTH_TURN_URLS: every entry must begin with turn:, turns:, stun: or stuns:.")
    return faults


def _missing_files(settings: Settings) -> list[str]:
    return [
        f"{PREFIX}{name.upper()}: this file does not exist or may not be read."
        for name in ("tls_cert", "tls_key", "turn_secret_file")
        if (path := getattr(settings, name)) and not os.access(path, os.R_OK)
    ]


def _credential(name: str) -> Path | None:
    """A file that systemd handed to this service (LoadCredential=)."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder, name) if folder else None
    return path if path and path.is_file() else None


def _unknown(environment: Mapping[str, str]) -> list[str]:
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    faults = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in names:
            near = difflib.get_close_matches(name, names, 1)
            faults.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "."))
    return faults


def _sentence(error: Any) -> str:
    return f"{PREFIX}{str(error['loc'][0]).upper()}: {error['msg'][0].lower()}{error['msg'][1:]}."
