# SPDX-License-Identifier: Apache-2.0
"""Audits every request of an ASGI application into a tamper-evident Tallystick log."""
from .middleware import AuditMiddleware
from .routes import CONTEXTFORGE, Route
from .sender import Sender
from .settings import Settings

__all__ = ["CONTEXTFORGE", "AuditMiddleware", "Route", "Sender", "Settings"]
__version__ = "0.1.0"
