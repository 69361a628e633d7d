"""Runs the sample CRM by itself: ``python examples/crm --callside http://localhost:8080 --tenant 1011 --token-file token.txt``."""

import argparse
from pathlib import Path

import uvicorn
from app import CrmConfig, create_app


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python examples/crm", description="A sample CRM with a phone in it.")
    parser.add_argument("--callside", required=True, help="where this server reaches the phone system")
    parser.add_argument("--phone", help="where browsers reach it, if that is another address")
    parser.add_argument("--tenant", required=True, help="the TenantId")
    parser.add_argument("--token-file", required=True, type=Path, help="a file with the token in it, and nothing else")
    parser.add_argument("--host", default="localhost", help="where to listen (%(default)s)")
    parser.add_argument("--port", default=8090, type=int, help="port to listen on (%(default)s)")
    chosen = parser.parse_args()
    token = chosen.token_file.read_text().strip()
    config = CrmConfig(chosen.callside, chosen.phone or chosen.callside, chosen.tenant, token)
    # One line with the address, also when the port was 0 and the system chose one: uvicorn prints it.
    uvicorn.run(create_app(config), host=chosen.host, port=chosen.port, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
