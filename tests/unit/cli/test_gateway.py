"""Over HTTPS the command line trusts exactly the server's own certificate."""

import pytest

from callside.cli.gateway import RefusedError, RunningServer
from callside.v1_api.control import Control
from tests.fakes.certificates import certificate, needs_openssl
from tests.fakes.command_line import CommandLine, ServerThread
from tests.fakes.installation import ROOT


@needs_openssl
def test_a_server_with_its_own_certificate_is_administered(tmp_path):
    cert, key = certificate(tmp_path, "phone.example.com")
    with ServerThread(tmp_path, ssl_certfile=str(cert), ssl_keyfile=str(key)):
        assert CommandLine(tmp_path).json("tenant", "add", "Example Motors")["name"] == "Example Motors"


@needs_openssl
def test_another_certificate_is_not_given_the_root_token(tmp_path):
    cert, key = certificate(tmp_path, "phone.example.com")
    other, _ = certificate(tmp_path, "intruder.example.com")
    with ServerThread(tmp_path, ssl_certfile=str(cert), ssl_keyfile=str(key)) as server:
        gateway = RunningServer(Control(1, 1, f"https://127.0.0.1:{server.port}", ROOT, str(other)))
        with pytest.raises(RefusedError, match="certificate"):
            gateway.listing("tenant", "")


def test_a_server_that_does_not_answer_is_named_by_its_process():
    gateway = RunningServer(Control(4711, 1, "http://127.0.0.1:9", ROOT))
    with pytest.raises(RefusedError, match="4711"):
        gateway.listing("tenant", "")
