"""The demo: a tenant with agents and work, a carrier that behaves (a second Asterisk), and the sample CRM, in one command."""

from callside.demo.run import call_in, info, run

__all__ = ["call_in", "info", "run"]
