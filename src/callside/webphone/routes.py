"""The web phone's routes. The application puts the ingress wrappers around them (headers, forwarded addresses, log)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from callside.webphone.page import PhoneAssets, phone_page
from callside.webphone.phone_socket import phone_socket
from callside.webphone.ports import PhoneServices
from callside.webphone.redeem import redeem
from callside.webphone.sip_proxy import sip_proxy

GUIDE_PATH = "/wp_plugin/index.php"
"""Where the guide says the phone is (its "web phone in iframe" section)."""


def routes(services: PhoneServices) -> list[BaseRoute]:
    """Page, assets, redeem and the two sockets.

    The server must take WebSocket frames of 64 KiB (``ws_max_size``), and its own access log must be off.
    """

    async def page(request: Request) -> Response:
        return await phone_page(request, services)

    async def trade(request: Request) -> Response:
        return await redeem(request, services)

    async def phone(socket: WebSocket) -> None:
        await phone_socket(socket, services)

    async def sip(socket: WebSocket) -> None:
        await sip_proxy(socket, services)

    return [
        Route(GUIDE_PATH, page, methods=["GET"], name="phone-guide"),
        Route("/phone", page, methods=["GET"], name="phone"),
        Route("/phone/redeem", trade, methods=["POST"], name="phone-redeem"),
        WebSocketRoute("/phone/socket", phone, name="phone-socket"),
        WebSocketRoute("/phone/sip", sip, name="phone-sip"),
        Mount("/phone/assets", PhoneAssets(services.settings.static_dir), name="phone-assets"),
    ]
