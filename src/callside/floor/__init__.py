"""One tenant's live floor: agents, calls, queues and campaigns as they are now, and every decision about them.

Pure and deterministic: ``Floor.handle(event, now)`` answers with commands to the engine and facts for the record. Time,
randomness and identifiers come in from outside; timers are entries in a heap (``Floor.next_due``).
"""
