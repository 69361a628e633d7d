"""Shared words of every room: identifiers, the clock, and the error tree. Standard library and msgspec only."""
