"""The proxy as an ASGI 3 application, for any ASGI server."""

from .application import create_app

__all__ = ["create_app"]
