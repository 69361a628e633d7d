"""Which column of a file is what: guessed from the headers, in several languages, and from what stands in the columns."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MOST_COLUMNS: Final = 200
_LONGEST_HEADER: Final = 100
_MOSTLY: Final = 0.7
_PHONE: Final = re.compile(r"[+(]?[0-9][0-9 ().\-/]{5,24}[0-9]\Z")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_ZONE: Final = re.compile(r"[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/\-]+\Z")


class Role(StrEnum):
    """What a column is."""

    NUMBER = "number"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ZONE = "zone"
    NOTES = "notes"
    FIELD = "field"
    """Kept as it is, under its header."""
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file; ``header`` is unique among all of them."""

    header: str
    role: Role


_WORDS: Final[Mapping[Role, str]] = {
    Role.NUMBER: (
        "phone telephone tel telefon telefono telefone telefoon telephonenumber phonenumber phoneno number mobile mobilephone "
        "mobil movil celular cell cellphone cellular handy handynummer rufnummer telefonnummer telefonnr numero "
        "numerodetelephone numerotelephone portable fixe fijo teléfono tlf gsm whatsapp landline home homephone work "
        "workphone businessphone contact contactno contactnumber msisdn phone1 phone2 phone3 altphone alternatephone "
        "numer telefonu komórka телефон мобильный номер 电话 手机 電話 電話番号 携帯 전화 전화번호 휴대폰 फोन मोबाइल"
    ),
    Role.NAME: (
        "name fullname customername customer contactname client nombre nombrecompleto nom nomcomplet nome nomecompleto naam "
        "kunde kundenname ansprechpartner имя фио 姓名 名前 氏名 이름 नाम"
    ),
    Role.FIRST_NAME: "firstname givenname forename vorname prenom prénom primernombre primeironome voornaam imie imię",
    Role.LAST_NAME: (
        "lastname surname familyname nachname familienname apellido apellidos sobrenome cognome achternaam nazwisko фамилия"
    ),
    Role.ZONE: "timezone zone tz zeitzone fuseau fuseauhoraire zonahoraria fusohorario tijdzone часовойпояс",
    Role.NOTES: (
        "notes note comment comments remark remarks bemerkung bemerkungen notizen kommentar nota notas observaciones remarque"
    ),
}


def _word(text: str) -> str:
    """How headers are compared: without case, spaces and signs."""
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


_ROLE_OF: Final[Mapping[str, Role]] = {_word(one): role for role, words in _WORDS.items() for one in words.split()}
_NUMBER_PARTS: Final = ("phone", "telefon", "telephone", "telefono", "mobile", "handy", "celular", "rufnummer")


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: none of its cells looks like a number or a time zone."""
    return bool(rows) and not any(_looks_like_phone(cell) or _ZONE.match(cell.strip()) for cell in rows[0])


def columns_of(headers: Sequence[str], samples: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """What each column is. Where no header says "number", the columns whose cells look like numbers are."""
    names = unique_headers(headers)
    roles = [_role_of(name) for name in names]
    if Role.NUMBER not in roles:
        roles = [
            Role.NUMBER if role is Role.FIELD and _mostly(samples, index, _looks_like_phone) else role
            for index, role in enumerate(roles)
        ]
    seen: set[Role] = set()
    for index, named in enumerate(roles):
        is_zone = named is Role.FIELD and Role.ZONE not in roles and _mostly(samples, index, _looks_like_zone)
        role = roles[index] = Role.ZONE if is_zone else named
        # Several numbers are the person's several phones; of everything else the first one counts.
        if role not in {Role.NUMBER, Role.FIELD} and role in seen:
            roles[index] = Role.FIELD
        seen.add(role)
    return tuple(Column(name, role) for name, role in zip(names, roles, strict=True))


def chosen(columns: Sequence[Column], wanted: Mapping[str, Role]) -> tuple[Column, ...]:
    """The columns with the roles that a person chose, by header.

    Raises:
        KeyError: There is no column of that name.
    """
    known = {column.header for column in columns}
    for header in wanted:
        if header not in known:
            raise KeyError(header)
    return tuple(Column(one.header, wanted.get(one.header, one.role)) for one in columns)


def unique_headers(headers: Sequence[str]) -> list[str]:
    """The headers in a form that can be kept: trimmed, named where they are empty, numbered where they are doubled."""
    found: list[str] = []
    used: set[str] = set()
    for place, header in enumerate(headers[:_MOST_COLUMNS], 1):
        clean = "".join(one for one in header if one.isprintable()).strip()[:_LONGEST_HEADER] or f"column {place}"
        name, count = clean, 1
        while name.casefold() in used:
            count += 1
            name = f"{clean} ({count})"
        used.add(name.casefold())
        found.append(name)
    return found


def _role_of(header: str) -> Role:
    bare = re.sub(r" \([0-9]+\)\Z", "", header)
    word = _word(bare)
    role = _ROLE_OF.get(word) or _ROLE_OF.get(word.rstrip("0123456789"))
    if role is None and any(part in word for part in _NUMBER_PARTS):
        return Role.NUMBER
    return role or Role.FIELD


def _mostly(samples: Sequence[Sequence[str]], index: int, fits: Callable[[str], bool]) -> bool:
    cells = [row[index].strip() for row in samples if index < len(row) and row[index].strip()]
    return bool(cells) and sum(map(fits, cells)) >= _MOSTLY * len(cells)


def _looks_like_phone(cell: str) -> bool:
    cell = cell.strip()
    return bool(_PHONE.match(cell)) and _FEWEST_DIGITS <= sum(map(str.isdigit, cell)) <= _MOST_DIGITS


def _looks_like_zone(cell: str) -> bool:
    return bool(_ZONE.match(cell.strip()))
