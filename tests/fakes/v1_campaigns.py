"""Campaigns through `/v1`: what tests of them share."""

from sqlalchemy import insert

from callside.dialer.leads.model import Lead, LeadList, LeadNumber
from callside.store.query import Query
from callside.store.tables import DNC_LISTS


async def add(motors, **values):
    base = {"name": "Spring", "type": "PROGRESSIVE", "trunk_id": motors.ids["trunk"], "agents": [motors.ids["agent"]]}
    answer = await motors.client.post("/v1/campaigns", json=base | {"dial_rules": {"countries": ["US"]}} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def move(motors, campaign, verb, status=200):
    answer = await motors.client.post(f"/v1/campaigns/{campaign['id']}/{verb}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def patch(motors, campaign, status=200, **values):
    answer = await motors.client.patch(f"/v1/campaigns/{campaign['id']}", json=values)
    assert answer.status_code == status, answer.text
    return answer.json()


async def read(motors, campaign):
    return (await motors.client.get(f"/v1/campaigns/{campaign['id']}")).json()


async def a_prompt(motors, name="Nobody free"):
    """A prompt that is known; what it sounds like does not matter here."""
    from callside.reception.model import Prompt, PromptSource

    kept, folder = motors.house.store.directories, motors.house.prompts / motors.id
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("wav", "sln16"):
        (folder / f"{'0' * 64}.{suffix}").touch()
    made = await kept.add_reception(Prompt("", motors.id, name, PromptSource.UPLOAD, "", "0" * 64, 1000, -20))
    return made.id


SAYS = ["who", "why", "opt_out"]


async def some_hours(motors):
    weekly = [{"day": "mon", "opens": "09:00", "closes": "17:00"}]
    answer = await motors.client.post("/v1/hours", json={"name": "Office", "zone": "Europe/London", "weekly": weekly})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def scrub(motors):
    """Its numbers were held against a register just now."""
    row = {"tenant_id": motors.id, "id": "register", "name": "Register", "name_key": "register", "campaign_id": None}
    at = motors.house.clock.now().wall
    await motors.house.store.leads._database.write(
        lambda connection: connection.execute(Query(insert(DNC_LISTS)), {**row, "scrubbed_at": at})
    )


async def a_list(motors, campaign, zone_key="America/New_York", leads=3):
    kept = motors.house.store.leads
    made = await kept.add_list(LeadList("", motors.id, f"List of {campaign['id']}", campaign["id"]))
    numbers = [(LeadNumber(f"+1555010{index:04d}", zone_key=zone_key),) for index in range(leads)]
    await kept.add_leads(motors.id, made.id, [Lead("", motors.id, made.id, one) for one in numbers])
    return made.id


async def lawful(motors, **values):
    """A campaign that the strict profile lets go."""
    await scrub(motors)
    prompt = await a_prompt(motors)
    return await add(motors, caller_id="+15550100199", safe_message=prompt, **{"safe_message_says": SAYS} | values)
