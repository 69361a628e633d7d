"""Edge: the web phone. Its page, the exchange of the URL's ticket for a bearer, the phone socket, and the SIP proxy.

Everything the page can do is a verb on the phone socket (verbs.py) handed to the exchange; nothing is decided here.
"""
