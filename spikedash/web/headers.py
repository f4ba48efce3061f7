"""What browsers are told to refuse."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response

#: Nothing on these pages looks at the world outside.
NO_DEVICES = ", ".join(
    f"{what}=()" for what in ("camera", "microphone", "geolocation", "usb", "serial", "hid", "payment", "display-capture", "midi")
)


def policy(inline_hashes: Sequence[str]) -> str:
    """The content policy of a page: everything from here, no inline script but those of these hashes, and never eval."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(inline_hashes)}".rstrip(),
            "style-src 'self' 'unsafe-inline'",  # Plotly and Mantine write styles while they draw
            "img-src 'self' data: blob:",  # binned rasters, and the picture that a graph hands out
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def attach(server: Flask, inline_hashes: Sequence[str]) -> None:
    """Add the headers to every answer that has none of its own."""
    always = {
        "Content-Security-Policy": policy(inline_hashes),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": NO_DEVICES,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    @server.after_request
    def guard(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        return response
