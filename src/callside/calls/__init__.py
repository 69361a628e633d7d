"""Calls: one conversation with a customer, its legs, its states and the record that stays of it."""
