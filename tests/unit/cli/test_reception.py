"""Numbers, hours, menus and caller rules on the command line: written and shown by what people call things."""

import asyncio

import pytest

from callside.reception.model import Prompt, PromptSource
from callside.store import open_store


@pytest.fixture
def centre(stopped):
    """A tenant with an agent, a queue, and a prompt."""
    tenant = stopped.json("tenant", "add", "Example Motors")["id"]
    stopped.json("agent", "add", "ag01")
    stopped.json("queue", "add", "Support", "--agent", "ag01")

    async def leave():
        store = open_store(f"sqlite:///{stopped.home / 'callside.db'}")
        await store.open()
        await store.directories.add_reception(Prompt("", tenant, "Choices", PromptSource.SPEECH, "1", "d" * 64, 2_000))
        await store.close()

    asyncio.run(leave())
    stopped.json("hours", "add", "Office", "--zone", "America/New_York", "--open", "mon-fri 09:00-17:00")
    return stopped


def test_where_calls_are_led_is_shown_as_it_is_written(centre):
    shown = centre.run(
        *("number", "add", "+15550100902", "--to", "agent:ag01", "--else", "queue:Support"),
        *("--hours", "Office", "--closed", "message:Choices"),
    ).out
    assert "destination: agent:ag01, else queue:Support" in shown
    assert "closed: message:Choices" in shown
    assert "hours id: Office" in shown
    centre.json("menu", "add", "Main", "--greeting", "Choices", "--key", "1=queue:Support", "--otherwise", "block")
    line = centre.run("menu", "list").out.splitlines()[1]
    assert "Choices" in line
    assert "1=queue:Support" in line
    centre.json("caller-rule", "add", "+15550100199", "--to", "voicemail:Support")
    assert "voicemail:Support" in centre.run("caller-rule", "list").out
    [row] = centre.json("number", "list")
    assert row["destination"]["kind"] == "agent"  # programs get ids


def test_where_nobody_is_any_more_is_pointed_out_in_full(centre):
    centre.json("number", "add", "+15550100902", "--to", "agent:ag01", "--else", "queue:Support")
    centre.json("caller-rule", "add", "+15550100199", "--to", "agent:ag01")
    [agent] = centre.json("agent", "list")
    centre.run("agent", "remove", "ag01", "--yes")
    gone = f"the agent {agent['id']} is not there any more: callers hear that nobody is available"
    assert gone in centre.run("number", "list").out
    assert gone in centre.run("caller-rule", "list").out
    assert f"agent:{agent['id']} (not there any more), else queue:Support" in centre.run("number", "list").out
    told = centre.run("queue", "matching", "Support").out
    assert "agents: this queue has nobody who can log in for it; its callers wait until they give up" in told


def test_a_script_of_several_lines_is_shown_as_such(centre):
    shown = centre.run("queue", "matching", "Support", "--script", "Good day.\nAsk for the order.").out
    assert "  script: Good day.\n    Ask for the order.\n" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("number", "add", "+15550100902", "--to", "Support"), '--to "Support": write queue:NAME'),
        (
            ("number", "add", "+15550100902", "--to", "agent:ag01", "--else", "agent:ag01"),
            '--else "agent:ag01": write queue',
        ),
        (
            ("number", "add", "+15550100902", "--to", "message", "--closed", "nowhere"),
            '--closed "nowhere": write queue',
        ),
        (("menu", "add", "Main", "--greeting", "Choices", "--key", "1"), '--key "1": write each key once'),
        (
            ("menu", "add", "Main", "--greeting", "Choices", "--key", "1=block", "--key", "1=message"),
            '--key "1=message": ',
        ),
        (("menu", "add", "Main", "--greeting", "Choices", "--key", "A=block"), "keys.A.[key]: a key is one of 0 to 9"),
        (("menu", "add", "   ", "--greeting", "Choices", "--key", "1=block"), "name: write a name"),
        (
            ("hours", "add", "Past", "--zone", "UTC", "--holiday", "2020-01-01 09:00-12:00"),
            "weekly: these hours never open again",
        ),
        (("queue", "add", "  "), "name: write a name"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(centre, words, said):
    assert centre.run(*words).refusal.startswith(said)


def test_what_a_queue_whispers_to_its_agents_is_a_word_or_a_prompt_by_its_name(centre):
    prompt = centre.json("prompt", "list")[0]
    assert centre.json("queue", "matching", "Support")["whisper"] == "tone"
    assert centre.json("queue", "matching", "Support", "--whisper", prompt["name"])["whisper"] == prompt["id"]
    assert centre.json("queue", "matching", "Support", "--whisper", "none")["whisper"] == "none"
    assert "Nothing" in centre.run("queue", "matching", "Support", "--whisper", "Nothing").refusal
