"""What every request passes on its way in, whichever edge it is for: the true client address, sizes, headers, the access log.

Plain ASGI wrappers and two small readers; they know no operation of any edge. The order, outermost first:
``ForwardedHeaders(AccessLog(SecurityHeaders(BodyLimit(app))))``, so that the log has the true client.
"""
