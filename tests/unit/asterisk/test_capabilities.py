from callside.asterisk.capabilities import module_warnings


def test_bridges_that_are_no_steady_stream_are_warned_of():
    assert module_warnings(frozenset({"bridge_softmix"})) == ()
    [warning] = module_warnings(frozenset({"bridge_softmix", "bridge_simple"}))
    assert "bridge_simple must not be loaded" in warning
