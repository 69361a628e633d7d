"""One tenant's file of leads does not take the room in which everybody's calls are put on record."""

import os
from types import SimpleNamespace

import pytest

from callside.v1_api import uploads

MEGABYTE = 1 << 20


@pytest.fixture
async def motors(house):
    tenant = await house.tenant("Example Motors")
    made = await tenant.client.post("/v1/lead-lists", json={"name": "People"})
    tenant.list = made.json()["id"]
    return tenant


def with_room(monkeypatch, *megabytes):
    """The disk has so much left each time somebody looks; the last one stays."""
    left = list(megabytes)

    def looked_at(_):
        free = left.pop(0) if len(left) > 1 else left[0]
        return SimpleNamespace(f_bavail=free, f_frsize=MEGABYTE)

    monkeypatch.setattr(os, "statvfs", looked_at)


async def pieces(count):
    for _ in range(count):
        yield b"Phone\n" + b"\n" * (MEGABYTE - 6)


@pytest.mark.parametrize("path", ["/v1/lead-imports?list_id={}", "/v1/lead-previews", "/v1/dnc-files?list_id={}"])
@pytest.mark.parametrize("room", [(100,), (1000, 1000, 100)])
async def test_a_file_that_would_fill_the_disk_is_refused_and_leaves_nothing(house, motors, monkeypatch, path, room):
    with_room(monkeypatch, *room)
    where = path.format(motors.list)
    refused = await motors.client.post(where, content=pieces(40), headers={"Content-Type": "text/csv"})
    assert refused.status_code == 503, refused.text
    assert "make room" in refused.json()["error"]["message"]
    assert refused.headers["retry-after"]
    monkeypatch.undo()
    assert not list((house.prompts.parent / "imports").glob("*/upload-*"))


async def test_where_there_is_room_it_comes_in(motors, monkeypatch):
    with_room(monkeypatch, uploads._LEAST_FREE // MEGABYTE + 1)
    answer = await motors.client.post(f"/v1/lead-imports?list_id={motors.list}", content="Phone\n+12125550123\n")
    assert answer.status_code == 202
