"""Figures of queues and agents, folded from facts, and the rows of the live board. Pure: no clock, no I/O."""
