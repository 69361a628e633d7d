"""Outbound: which number may be called, by which campaign, and when. Pure."""
