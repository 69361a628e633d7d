"""The gate on hosts and paths finds them, and knows this machine's own."""

from pathlib import Path

import pytest

from scripts.check_hosts import leaks, machine_paths, registry_hosts

WORDS = ["packages.example.test", "/home/ada/callside"]


@pytest.mark.parametrize(
    "line",
    ["pip install -i https://packages.example.test/simple x", "cd /home/ada/callside/src", "packages.example.test"],
)
def test_a_registry_host_or_a_path_of_this_machine_is_found(line: str) -> None:
    assert [number for number, _ in leaks("docs/guide.md", f"first\n{line}\n", WORDS)] == [2]


def test_a_host_that_only_ends_alike_is_another_host() -> None:
    assert list(leaks("docs/guide.md", "https://more.packages.example.test/\n", WORDS)) == []


@pytest.mark.parametrize(
    "line", ["--index-url https://elsewhere.test/", "--find-links ./wheels", "x @ https://a.test/x.whl"]
)
def test_a_lock_file_with_an_address_is_found(line: str) -> None:
    assert len(list(leaks("requirements.lock", line, WORDS))) == 1
    assert list(leaks("docs/guide.md", line, WORDS)) == []


def test_a_download_address_in_the_web_lock_is_found_and_a_workspace_link_is_not() -> None:
    assert len(list(leaks("web/package-lock.json", '"resolved": "https://elsewhere.test/x.tgz"', WORDS))) == 1
    assert list(leaks("web/package-lock.json", '"resolved": "phone-core",', WORDS)) == []


def test_hosts_come_from_this_machines_configuration() -> None:
    hosts = registry_hosts()
    assert len(hosts) >= 7
    assert all("." in host and "/" not in host for host in hosts)


def test_the_checkout_and_the_home_folder_are_paths_of_this_machine_but_shared_folders_are_not() -> None:
    paths = machine_paths(Path("/home/ada/callside"), Path("/home/ada"))
    assert {"/home/ada/callside", "/home/ada/"} <= paths
    assert "/tmp/" not in machine_paths(Path("/tmp/clone"), Path("/root"))
