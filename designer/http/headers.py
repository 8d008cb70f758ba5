"""The headers of every answer: nothing foreign is loaded, nothing inline runs, nobody frames a page."""

from __future__ import annotations

from flask import Response, request

from designer.settings import Settings

TRUSTED_TYPES = "lockgate"
"""The only policy that may make script addresses from text: the pages' own. None makes markup."""


def page_policy(settings: Settings) -> str:
    """The Content-Security-Policy of pages: neither a script nor a style stands in a page itself, and nothing makes
    markup from text."""
    socket = "ws" + settings.origin.removeprefix("http")
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self' {socket}",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            f"trusted-types {TRUSTED_TYPES}",
        )
    )


DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""Of everything that is no page: whatever it holds, a browser that opens it does nothing with it."""


def protect(settings: Settings, answer: Response) -> Response:
    """Puts the headers on an answer."""
    page = answer.mimetype == "text/html"
    answer.headers.setdefault("Content-Security-Policy", page_policy(settings) if page else DATA_POLICY)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    answer.headers.setdefault("Cache-Control", "no-store" if request.path.startswith("/api/") else "no-cache")
    if settings.secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer
