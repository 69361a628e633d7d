"""Agents: who can take calls, on which device, and the states they go through."""
