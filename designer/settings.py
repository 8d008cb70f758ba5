"""Where a designer finds what it works with. Handed in by whoever starts it; nothing is read from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Origin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$")]


class Settings(BaseModel):
    """One installation."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    data: Path
    """The designer's own folder: control.db stands here."""
    environment: Path
    """The environment file; contracts and masters are found beside it."""
    store: Path
    """The release store."""
    root: Path
    """The trust file."""
    runtime: Path
    """The data folder of the runtime: its control socket stands there."""
    origin: Origin
    """Where browsers find the designer."""
    desk: Origin
    """Where browsers find the approval desk."""
    listen: str = "127.0.0.1"
    """The address on which the process itself listens: loopback, with a proxy for TLS before it."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """The port on which it listens, where that is not the origin's."""
    pages: Path | None = None
    """The built pages; None: only the API is served."""
    body_bytes: int = Field(default=2 << 20, ge=1024)
    """The largest request."""
    session_hours: int = Field(default=12, ge=1, le=168)
    idle_minutes: int = Field(default=60, ge=5, le=1440)
    pen_seconds: int = Field(default=90, ge=5, le=3600)
    """So long a pen is kept for somebody who does not write."""
    tries: int = Field(default=5, ge=3, le=20)
    """So many wrong passwords lock an account."""
    locked_minutes: int = Field(default=15, ge=1, le=1440)
    threads: int = Field(default=64, ge=8, le=512)
    """Each open socket holds one."""

    @property
    def secure(self) -> bool:
        """Whether browsers reach the designer by TLS."""
        return self.origin.startswith("https://")
