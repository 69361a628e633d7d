"""The guide's five operations, to the letter. Their odd shapes stay in this room.

``routes`` serves them, ``body`` and ``printed`` read what clients really send, ``fields`` takes single values out of it,
``operations`` calls :class:`callside.exchange.logins.Logins`, ``replies`` has the shapes that go back.
What CRM developers are told of it is docs/guide.md.
"""
