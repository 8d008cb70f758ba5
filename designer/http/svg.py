"""Pictures as answers. An SVG of ours is shown, never run: whatever it holds, it may load and start nothing."""

from __future__ import annotations

from flask import Response

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def picture(svg: str) -> Response:
    """A picture that a page may show as an image."""
    answer = Response(svg, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
