"""`/v1`, built once for all tests of a process: it serves whatever was opened last."""

from dataclasses import fields

from callside.v1_api import V1Parts, v1_routes
from tests.fakes.late import late


class BuiltOnce:
    """Keep one for each way of putting an installation together: what is built follows the first one's shape."""

    def __init__(self):
        self._parts = None
        self._routes = None

    def serving(self, parts):
        """The routes; from now on they serve these parts, and no other."""
        self._parts = parts
        if self._routes is None:
            named = {one.name: late(lambda name=one.name: getattr(self._parts, name)) for one in fields(parts)}
            self._routes = v1_routes(V1Parts(**named))
        return self._routes
