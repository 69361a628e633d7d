"""Who may do what on `/v1`: a tenant's token its own tenant's things, the root token the installation's."""

import hmac
from typing import Annotated, Protocol

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param

from callside.exchange.administration import Administration
from callside.kernel.errors import NotAuthenticatedError
from callside.kernel.ids import TenantId
from callside.tenants.model import Tenant

TENANT_BEARER = HTTPBearer(scheme_name="Tenant token", auto_error=False, description="A tenant's API token.")
ROOT_BEARER = HTTPBearer(
    scheme_name="Root token",
    auto_error=False,
    description="The installation's token, from `run/control.json` in the server's home.",
)
_TENANT_NEEDED = "Send `Authorization: Bearer <token>` with a token of the tenant that is in force."
_ROOT_NEEDED = "Send `Authorization: Bearer <root token>`; it is in run/control.json in the server's home."


class TokenCheck(Protocol):
    """Knows whom a token speaks for (``exchange.logins.Logins``)."""

    async def tenant_of(self, token: str, *, address: str = "") -> Tenant:
        """The tenant of a token in force; NotAuthenticatedError or TooManyRequestsError else."""


class Access:
    """The dependencies that give an operation its tenant, or refuse it."""

    def __init__(self, tokens: TokenCheck, root_token: str, administration: Administration) -> None:
        self._tokens = tokens
        self._root = root_token
        self._administration = administration

    async def tenant(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(TENANT_BEARER)],
    ) -> TenantId:
        """The tenant whose token was sent; nothing else in a request names a tenant."""
        if bearer is None or not bearer.credentials:
            raise NotAuthenticatedError(_TENANT_NEEDED)
        address = request.client.host if request.client else ""
        try:
            return (await self._tokens.tenant_of(bearer.credentials, address=address)).id
        except NotAuthenticatedError:
            raise NotAuthenticatedError(_TENANT_NEEDED) from None

    @staticmethod
    def token_in(request: Request) -> HTTPAuthorizationCredentials | None:
        """What a request sends as its bearer token, as the dependencies read it."""
        scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
        return HTTPAuthorizationCredentials(scheme=scheme, credentials=token) if scheme.lower() == "bearer" else None

    async def root(
        self,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(ROOT_BEARER)],
    ) -> None:
        """Refuses everybody without the root token."""
        if bearer is None or not self.is_root(bearer.credentials):
            raise NotAuthenticatedError(_ROOT_NEEDED)

    async def any_tenant(
        self,
        tenant_id: Annotated[str, Path(pattern=r"^[0-9]{1,19}$", examples=["1011"])],
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(ROOT_BEARER)],
    ) -> TenantId:
        """The tenant that the path names; with the root token only."""
        await self.root(bearer)
        return TenantId((await self._administration.tenants.get(TenantId(tenant_id))).id)

    def is_root(self, token: str) -> bool:
        """Whether ``token`` is the root token; compared in constant time."""
        return bool(self._root) and hmac.compare_digest(token.encode(), self._root.encode())
