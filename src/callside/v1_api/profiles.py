"""The jurisdiction profiles, to read: every tenant sees the same ones."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from callside.dialer.laws.model import Evidence, Profile
from callside.dialer.laws.telling import tell
from callside.exchange.profiles import ProfileShelf
from callside.kernel.clock import Clock
from callside.v1_api.access import Access

_EVIDENCE: Final = (
    "How the rule is known. `excerpt`: an excerpt of an official or vendor's page was read. `secondary`: somebody else's summary. "
    "`memory`: not looked up. `house`: no law that we know of, our own choice."
)


class RuleSheet(BaseModel):
    """A rule of a profile, in words."""

    rule: str = Field(examples=["ring"])
    says: str = Field(examples=["A phone rings for 15 s at least before it is given up."])
    evidence: Evidence = Field(description=_EVIDENCE)
    verified: bool = Field(description="Words of an official or vendor's page were read; never the full legal text.")
    source: str
    note: str


class ProfileSheet(BaseModel):
    """A version of a jurisdiction's rules. No legal advice."""

    key: str = Field(examples=["uk-1"], description="Id and version; ledger entries name it.")
    id: str = Field(examples=["uk"])
    version: int
    title: str
    jurisdiction: str
    effective_from: date
    effective_until: date | None
    written: date
    in_force: bool = Field(description="The version used today.")
    not_covered: list[str] = Field(description="What the profile does not know of.")
    rules: list[RuleSheet]


class ProfileList(BaseModel):
    """All profiles in all versions."""

    items: list[ProfileSheet]


def profile_routes(shelf: ProfileShelf, clock: Clock, access: Access) -> APIRouter:
    """The operations; with any tenant's token."""
    router = APIRouter(prefix="/profiles", tags=["profiles"], dependencies=[Depends(access.tenant)])

    @router.get("", operation_id="list_profiles", summary="List jurisdiction profiles")
    async def listing() -> ProfileList:
        today = clock.now().wall
        return ProfileList(items=[_sheet(one, shelf, today) for name in shelf.ids for one in shelf.versions[name]])

    @router.get("/{key}", operation_id="get_profile", summary="Get a jurisdiction profile")
    async def get(key: Annotated[str, Path(max_length=32, examples=["uk-1"])]) -> ProfileSheet:
        return _sheet(shelf.version(key), shelf, clock.now().wall)

    return router


def _sheet(profile: Profile, shelf: ProfileShelf, wall_ms: int) -> ProfileSheet:
    rules = [
        RuleSheet(
            rule=one.rule,
            says=one.says,
            evidence=one.origin.evidence,
            verified=one.origin.verified,
            source=one.origin.source,
            note=one.origin.note,
        )
        for one in tell(profile)
    ]
    return ProfileSheet(
        key=profile.key,
        id=profile.id,
        version=profile.version,
        title=profile.title,
        jurisdiction=profile.jurisdiction,
        effective_from=profile.effective_from,
        effective_until=profile.effective_until,
        written=profile.written,
        in_force=shelf.is_current(profile, wall_ms),
        not_covered=list(profile.not_covered),
        rules=rules,
    )
