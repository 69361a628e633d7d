"""The jurisdiction profiles that come with this version: every version of each, and which one is in force on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

from callside.dialer.laws.model import Profile
from callside.dialer.laws.parsing import parse
from callside.kernel.errors import NotFoundError

DEFAULT: Final = "strict"
"""Where a campaign names none."""


@dataclass(frozen=True, slots=True)
class ProfileShelf:
    """All profiles.

    Attributes:
        versions: By id, the oldest version first.
    """

    versions: dict[str, tuple[Profile, ...]]

    @property
    def ids(self) -> tuple[str, ...]:
        """Which jurisdictions there are."""
        return tuple(sorted(self.versions))

    def in_force(self, profile_id: str, wall_ms: int) -> Profile:
        """The newest version that is to be used on the (UTC) day of ``wall_ms``.

        Raises:
            NotFoundError: No profile of that id, or none for that day.
        """
        day = datetime.fromtimestamp(wall_ms / 1000, UTC).date()
        for profile in reversed(self._versions(profile_id)):
            if profile.in_force(day):
                return profile
        msg = f"profile: no version of '{profile_id}' is in force on {day}; choose another profile"
        raise NotFoundError(msg, field="profile")

    def is_current(self, profile: Profile, wall_ms: int) -> bool:
        """Whether it is the version in force on the (UTC) day of ``wall_ms``."""
        try:
            return self.in_force(profile.id, wall_ms) is profile
        except NotFoundError:
            return False

    def version(self, key: str) -> Profile:
        """The version of a key, as ledger entries name it (``"uk-1"``).

        Raises:
            NotFoundError: There is none.
        """
        profile_id, _, _ = key.rpartition("-")
        for profile in self._versions(profile_id):
            if profile.key == key:
                return profile
        msg = f"profile: there is no version '{key[:40]}'; choose one of {self._known()}"
        raise NotFoundError(msg, field="profile")

    def _versions(self, profile_id: str) -> tuple[Profile, ...]:
        found = self.versions.get(profile_id)
        if found is None:
            msg = f"profile: there is no profile '{profile_id[:40]}'; choose one of {', '.join(self.ids)}"
            raise NotFoundError(msg, field="profile")
        return found

    def _known(self) -> str:
        return ", ".join(one.key for profile_id in self.ids for one in self.versions[profile_id])


def shelve(profiles: Iterable[Profile]) -> ProfileShelf:
    """Put profiles in order.

    Raises:
        ValueError: A version is there twice.
    """
    by_id: dict[str, list[Profile]] = {}
    for profile in sorted(profiles, key=lambda one: (one.id, one.version)):
        versions = by_id.setdefault(profile.id, [])
        if versions and versions[-1].version == profile.version:
            msg = f"profile {profile.key} is there twice; give the newer one the next version"
            raise ValueError(msg)
        versions.append(profile)
    return ProfileShelf({name: tuple(versions) for name, versions in by_id.items()})


@cache
def load_profiles() -> ProfileShelf:
    """Read the profiles that are part of this package.

    Raises:
        InvalidFieldError: One of them is broken; a test keeps that from being released.
    """
    folder = files("callside.dialer.laws").joinpath("profiles")
    return shelve(parse(one.read_text(encoding="utf-8")) for one in folder.iterdir() if one.name.endswith(".toml"))
