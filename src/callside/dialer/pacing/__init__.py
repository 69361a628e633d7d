"""Pacing: how many lines a campaign dials at this moment. Pure, per event, one interface for every way of doing it."""
