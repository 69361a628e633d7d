"""The queries, by noun. Each is of one tenant; modules name their exceptions (scripts/tenant_scope.py)."""
