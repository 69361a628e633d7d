"""A prompt's files and its row come and go together, whatever happens at the same moment."""

import pytest

from callside.exchange.prompt_audio import PromptLibrary
from tests.contract.test_v1_reception import recording, refused, upload


@pytest.fixture
async def motors(house):
    return await house.tenant("Example Motors")


def files(house, tenant):
    folder = house.prompts / tenant.id
    return list(folder.iterdir()) if folder.exists() else []


async def test_a_prompt_whose_sound_goes_while_it_comes_is_refused_and_not_left_silent(house, motors, monkeypatch):
    first = (await upload(motors.client, "One")).json()["id"]
    real = PromptLibrary.upload

    async def while_the_other_is_removed(library, tenant_id, file):
        sound = await real(library, tenant_id, file)
        await motors.client.delete(f"/v1/prompts/{first}")
        return sound

    monkeypatch.setattr(PromptLibrary, "upload", while_the_other_is_removed)
    await refused(await upload(motors.client, "Two"), 409, "file", "send it again")
    monkeypatch.undo()
    assert (await upload(motors.client, "Two")).status_code == 201
    assert len(files(house, motors)) == 2


async def test_a_name_that_is_taken_leaves_no_file_behind(house, motors):
    assert (await upload(motors.client, "One")).status_code == 201
    kept = set(files(house, motors))
    again = await upload(motors.client, "One", file=recording(seconds=2.0))
    assert again.status_code == 409
    assert set(files(house, motors)) == kept
    same = await upload(motors.client, "One")
    assert same.status_code == 409
    assert set(files(house, motors)) == kept  # the first one's, though the sound was the same


async def test_a_name_that_cannot_be_leaves_no_file_behind(house, motors):
    await refused(await upload(motors.client, " "), 400, "name")
    assert files(house, motors) == []


async def test_with_its_tenant_the_prompts_go(house, motors):
    assert (await upload(motors.client, "One")).status_code == 201
    assert (await house.root.patch(f"/v1/admin/tenants/{motors.id}", json={"enabled": False})).status_code == 200
    assert (await house.root.delete(f"/v1/admin/tenants/{motors.id}")).status_code == 204
    assert not (house.prompts / motors.id).exists()
