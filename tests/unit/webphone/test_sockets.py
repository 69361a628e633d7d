"""What is remembered of sessions' sockets and SIP endpoints, and for how long."""

from callside.webphone.sockets import Ending, Kind, Sockets


async def test_endpoints_of_sessions_that_ended_without_a_socket_do_not_pile_up():
    sockets = Sockets(limit=10)
    sockets.enter(Kind.PHONE, "all day", Ending())
    sockets.enter(Kind.SIP, "calling", Ending())
    for session in ("all day", "calling"):
        sockets.endpoint_issued(session, f"endpoint of {session}")
    for number in range(20_000):
        sockets.endpoint_issued(f"session-{number}", "endpoint")
    assert len(sockets._endpoints) <= 3_000
    assert sockets.endpoints("all day") == ("endpoint of all day",)
    assert sockets.endpoints("calling") == ("endpoint of calling",)


async def test_a_page_that_is_away_for_a_moment_finds_its_endpoints_again():
    sockets = Sockets(limit=10)
    for number in range(20_000):
        sockets.endpoint_issued(f"session-{number}", "endpoint")
    assert all(sockets.endpoints(f"session-{number}") == ("endpoint",) for number in range(19_000, 20_000))


async def test_the_newest_endpoint_comes_first_and_few_are_kept():
    sockets = Sockets(limit=10)
    for number in range(6):
        sockets.endpoint_issued("session", f"endpoint-{number}")
    assert sockets.endpoints("session") == ("endpoint-5", "endpoint-4", "endpoint-3", "endpoint-2")
    sockets.forget("session")
    assert sockets.endpoints("session") == ()
