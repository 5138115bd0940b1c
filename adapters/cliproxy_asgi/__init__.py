"""The proxy as an ASGI 3 application, for any ASGI server."""

from .application import Application, create_app
from .messages import Message, Receive, Scope, Send

__all__ = ["Application", "Message", "Receive", "Scope", "Send", "create_app"]
