"""Edge: `/v1` for tenants' administration and call records, and the paths that tell how the instance is."""

from callside.v1_api.application import V1Parts, v1_application, v1_routes
from callside.v1_api.observer import RequestObserver

__all__ = ["RequestObserver", "V1Parts", "v1_application", "v1_routes"]
