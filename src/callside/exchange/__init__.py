"""The telephone exchange: the asynchronous room that runs the floors.

It owns no decision. It takes requests from the edges, hands them to the tenant's floor, writes what the floor leaves on record,
has the engine do what the floor commands, and tells the phones what changed.
"""
