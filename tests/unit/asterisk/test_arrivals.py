import pytest

from callside.acd.model import Queue
from callside.asterisk.arrivals import Arrivals
from callside.asterisk.decode import Channel, Party
from callside.asterisk.legs import LegBook
from callside.asterisk.names import LegKind, LegMark
from callside.calls.model import Trunk
from callside.floor.directory import Directory
from callside.floor.events import CallerArrived
from callside.tenants.model import Tenant

CALLER = Channel("c1", state="Ring", caller=Party("Ada\x07", "+15550100123"))


def tenant(tenant_id: str, number: str, host: str = "sip.example.com") -> Directory:
    return Directory(
        Tenant(tenant_id, "T"),
        queues={"9": Queue("9", tenant_id, "Support", frozenset(), (number,))},
        trunks={"11": Trunk("11", tenant_id, "Carrier", host)},
    )


class Scene:
    def __init__(self, *directories: Directory) -> None:
        self.told = []
        self.book = LegBook(lambda tenant, event: self.told.append((tenant, event)), lambda _: None)
        self.arrivals = Arrivals(self.book, {one.tenant.id: one for one in directories})


def test_a_caller_is_announced_to_the_trunks_tenant_once():
    scene = Scene(tenant("1", "+15550100900"))
    leg = scene.arrivals.take(CALLER, ["in", "+15550100900", "trunk-1-11", "0"])
    assert leg.mark == LegMark(LegKind.IN, "1", "11")
    assert scene.arrivals.take(CALLER, ["in", "+15550100900", "trunk-1-11", "0"]) is None
    assert scene.told == [("1", CallerArrived("c1", "11", "+15550100900", "+15550100123", "Ada"))]


def test_on_a_shared_carrier_the_called_number_decides():
    scene = Scene(tenant("1", "+15550100900"), tenant("2", "+15550100901"))
    scene.arrivals.take(CALLER, ["in", "15550100901", "trunk-1-11", "0"])
    assert scene.told[0][0] == "2"


def account(tenant_id: str, number: str) -> Directory:
    base = tenant(tenant_id, number)
    pbx = Trunk("11", tenant_id, "PBX", "", registers_with_us=True)
    return Directory(base.tenant, queues=base.queues, trunks={"11": pbx})


def test_a_far_side_that_registers_speaks_for_its_own_tenant_whatever_number_it_calls():
    scene = Scene(account("1", "+15550100900"), account("2", "+15550100901"), tenant("3", "+15550100902", host=""))
    for channel, number in (("c1", "+15550100901"), ("c2", "+15550100902")):
        caller = Channel(channel, state="Ring", caller=Party("Ada", "+15550100123"))
        scene.arrivals.take(caller, ["in", number, "trunk-1-11", "0"])
    assert [whose for whose, _ in scene.told] == ["1", "1"]


def test_a_carrier_known_by_its_address_never_calls_as_a_far_side_that_registers():
    scene = Scene(tenant("3", "+15550100902", host=""), account("2", "+15550100901"))
    scene.arrivals.take(CALLER, ["in", "+15550100901", "trunk-3-11", "0"])
    assert scene.told[0][0] == "3"


def test_a_number_alone_does_not_draw_calls_from_another_carrier():
    scene = Scene(tenant("1", "+15550100900"), tenant("2", "+15550100901", host="other.example.com"))
    scene.arrivals.take(CALLER, ["in", "+15550100901", "trunk-1-11", "0"])
    assert scene.told[0][0] == "1"


@pytest.mark.parametrize("endpoint", ["", "anonymous", "ext-1-11", "trunk-2-11", "trunk-1-12"])
def test_a_caller_on_nobodys_trunk_is_refused(endpoint):
    scene = Scene(tenant("1", "+15550100900"))
    with pytest.raises(LookupError):
        scene.arrivals.take(CALLER, ["in", "+15550100900", endpoint, "0"])
    assert scene.told == []
    assert "c1" not in scene.book


def test_a_caller_that_waited_in_the_guard_loop_is_answered_and_hears_music():
    scene = Scene(tenant("1", "+15550100900"))
    leg = scene.arrivals.take(Channel("c1", state="Up"), ["in", "+15550100900", "trunk-1-11", "3"])
    assert (leg.answered, leg.music) == (True, True)


def test_a_leg_that_a_dead_controller_made_is_taken_over_from_its_arguments():
    scene = Scene(tenant("1", "+15550100900"))
    assert scene.arrivals.take(Channel("l1"), ["line", "1", "s1"]) is None
    assert scene.book.get("1", "l1").started.is_set()
    assert scene.told == []


def test_what_is_neither_a_caller_nor_ours_is_passed_over():
    scene = Scene(tenant("1", "+15550100900"))
    assert scene.arrivals.take(Channel("s1"), ["snoop"]) is None
    assert scene.arrivals.take(Channel("s1"), []) is None
    assert "s1" not in scene.book
