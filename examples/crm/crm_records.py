"""The CRM's own records: customers, notes and calls. In memory, as this is a sample; everybody in it is made up."""

from typing import Any

_MOST_CALLS = 500
_MOST_CONTACTS = 500
_MOST_NOTES = 200
_LATEST = 2**53
_CALL_WORDS = ("id", "direction", "number", "name", "via", "cause", "hungUpBy")
_CALL_TIMES = ("startedAt", "answeredAt", "endedAt", "talkMs")

_PEOPLE = (
    ("Amara Okafor", "Lakeside Tours", "Portland, OR", ["+15550100100", "+15550100120"], "Answers and speaks"),
    ("Echo Lindqvist", "Northern Lights Club", "Duluth, MN", ["+15550100101", "+15550100121"], "Repeats what you say"),
    ("Rosa Benítez", "Benítez & Daughters", "Santa Fe, NM", ["+15550100102"], "Rings, nobody answers"),
    ("Basil Thornton", "Thornton Freight", "Newark, NJ", ["+15550100103"], "Is busy"),
    ("Noor Haddad", "Haddad Events", "Dearborn, MI", ["+15550100104"], "Refuses the call"),
    ("Ulf Nordahl", "Nordahl Shipping", "Seattle, WA", ["+15550100105"], "Number does not exist"),
    ("Connie Marsh", "Marsh Family", "Austin, TX", ["+15550100106"], "All lines are busy"),
    ("Vincent Moreau", "Atelier Moreau", "New Orleans, LA", ["+15550100107"], "Answering machine"),
    ("Farah Siddiqui", "Siddiqui Dental", "Houston, TX", ["+15550100108"], "Hangs up after 5 seconds"),
    ("Stanley Brooks", "Brooks Orchards", "Yakima, WA", ["+15550100109"], "Answers after 10 seconds"),
    ("Tomoko Arai", "Arai Pianos", "San Jose, CA", ["+15550100110"], "Plays a steady tone"),
    ("Early Jamison", "Jamison Bakery", "Savannah, GA", ["+15550100112"], "Own ringing sound, then answers"),
)
_TRIPS = ("Alaska cruise, August", "Weekend in Quebec", "Family week, Yosemite", "Company retreat, Asheville")
_LABELS = ("Mobile", "Home")


class Records:
    """All that the CRM knows."""

    def __init__(self) -> None:
        self._contacts: dict[str, dict[str, Any]] = {}
        self._calls: dict[tuple[str, str], dict[str, Any]] = {}
        for index, (name, company, city, numbers, hint) in enumerate(_PEOPLE):
            self.add_contact(name, company, numbers, city=city, trip=_TRIPS[index % len(_TRIPS)], hint=hint)

    def contacts(self) -> list[dict[str, Any]]:
        """Everybody, in the order of their names."""
        return sorted(self._contacts.values(), key=lambda one: one["name"].casefold())

    def add_contact(self, name: str, company: str, numbers: list[str], **more: str) -> dict[str, Any]:
        """A new customer.

        Raises:
            ValueError: No name, no number, or the sample is full.
        """
        if not name.strip() or not any(number.strip() for number in numbers):
            raise ValueError("A contact needs a name and a number.")
        if len(self._contacts) >= _MOST_CONTACTS:
            raise ValueError("This sample keeps no more contacts.")
        key = str(len(self._contacts) + 1)
        self._contacts[key] = {
            "id": key,
            "name": name.strip()[:80],
            "company": company.strip()[:80],
            "email": f"{name.split(maxsplit=1)[0].lower()}@example.com" if more else "",
            "city": more.get("city", ""),
            "trip": more.get("trip", ""),
            "hint": more.get("hint", ""),
            "numbers": [{"label": _LABELS[at], "number": each.strip()[:32]} for at, each in enumerate(numbers[:2])],
            "notes": [],
        }
        return self._contacts[key]

    def add_note(self, contact_id: str, text: str, author: str, at: int) -> dict[str, Any] | None:
        """A note on a customer; ``None`` where there is no such customer."""
        contact = self._contacts.get(contact_id)
        if contact is not None and text.strip():
            contact["notes"].insert(0, {"text": text.strip()[:2000], "author": author, "at": at})
            del contact["notes"][_MOST_NOTES:]
        return contact

    def calls(self, username: str) -> list[dict[str, Any]]:
        """The agent's calls, the latest first."""
        mine = [call for (who, _), call in self._calls.items() if who == username]
        return sorted(mine, key=lambda one: -one.get("startedAt", 0))

    def keep_call(self, username: str, call: dict[str, Any]) -> None:
        """Add a call, or what is new about it. Only known fields are taken: a page can send anything."""
        known: dict[str, Any] = {key: call[key][:128] for key in _CALL_WORDS if isinstance(call.get(key), str)}
        known |= {key: call[key] for key in _CALL_TIMES if type(call.get(key)) is int and 0 <= call[key] < _LATEST}
        if known.get("id"):
            self._calls[username, known["id"]] = self._calls.get((username, known["id"]), {}) | known
        while len(self._calls) > _MOST_CALLS:
            del self._calls[next(iter(self._calls))]
