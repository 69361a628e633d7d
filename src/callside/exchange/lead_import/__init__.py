"""Bringing in leads from files: CSV and XLSX of a million rows, in a process of its own, in pieces that a crash cannot halve."""
