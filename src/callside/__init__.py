"""Callside: the phone at the side of the CRM."""

__version__ = "0.1.0"
