"""A do-not-call list from a file: read in a process of its own, put on the list piece by piece.

Doing it again changes nothing, so a crash in the middle needs no more than sending the file again: what is on the list blocks
from the moment it is there, and an old entry goes only after all new ones are in.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callside.exchange.dnc_port import DncEntry, DncLists
from callside.exchange.lead_import.frames import Chunk, Failed, Order
from callside.exchange.lead_import.reading import reading
from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import TenantId

_ROWS_AT_ONCE: Final = 1000
_SHOWN: Final = 20


@dataclass(slots=True)
class DncResult:
    """What came of a file.

    Attributes:
        counts: ``added``, ``known``, ``refused`` and ``empty`` rows, ``removed`` entries.
        refused: The first lines that are no numbers, each with its reason.
    """

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DncFile:
    """What is to be done with a file.

    Attributes:
        replaces: The file is the whole register: what is not in it is taken off.
        now: Wall ms, the date of its entries.
    """

    path: Path
    region: str
    now: int
    expires_at: int | None = None
    reason: str = ""
    replaces: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


async def bring(
    lists: DncLists,
    tenant_id: TenantId,
    list_id: str,
    file: DncFile,
    blocked: Callable[[Collection[str]], Awaitable[None]],
) -> DncResult:
    """Put a file's numbers on a list; ``blocked`` hears of them, piece by piece: of a whole register's, those new on it.

    Raises:
        InvalidFieldError: The file cannot be read, or is not the whole register that it is said to be; the message says what to do.
        NotFoundError: There is no such list.
    """
    result = DncResult()
    order = Order(str(file.path), file.region, columns=dict(file.columns), chunk=_ROWS_AT_ONCE)
    async with reading(order) as said:
        async for frame in said:
            if isinstance(frame, Failed):
                raise InvalidFieldError(f"file: {frame.message}", field="file")
            if isinstance(frame, Chunk):
                await _add(lists, tenant_id, list_id, file, frame, result, blocked)
    if file.replaces:
        _is_whole(result)
    while file.replaces and (gone := await lists.remove_dnc_some(tenant_id, list_id, added_before=file.now)):
        result.counts["removed"] += gone
    return result


def _is_whole(result: DncResult) -> None:
    """A register that is cut off, or was read by the wrong column, must not let everybody be called again."""
    read, refused = result.counts["added"] + result.counts["known"], result.counts["refused"]
    if read and read >= refused:
        return
    what = "no number" if not read else f"fewer numbers ({read}) than rows that are none ({refused})"
    msg = f"file: it has {what}, so it is not taken for the whole register; what it has is on the list, and nothing was taken off"
    raise InvalidFieldError(msg, field="file")


async def _add(
    lists: DncLists,
    tenant_id: TenantId,
    list_id: str,
    file: DncFile,
    chunk: Chunk,
    result: DncResult,
    blocked: Callable[[Collection[str]], Awaitable[None]],
) -> None:
    for row in chunk.rows:
        if row.verdict:
            result.counts[row.verdict] += 1
            if len(result.refused) < _SHOWN and row.verdict == "refused":
                result.refused.append((row.line, row.note))
    numbers = list(dict.fromkeys(number for row in chunk.rows for number, _, _ in row.numbers))
    if numbers:
        entries = [DncEntry(number, file.now, file.expires_at, file.reason) for number in numbers]
        new = await lists.add_dnc(tenant_id, list_id, entries)
        result.counts["added"] += len(new)
        result.counts["known"] += len(numbers) - len(new)
        # That a number is on the register still is no word of its person's; one asked for later, like a callback, stands.
        if told := new if file.replaces else numbers:
            await blocked(told)
