"""Tenants: the customers of one installation, their API tokens and what is theirs alone."""
