import shutil
import subprocess

import pytest

from callside.asterisk.apt import PrivateApt
from callside.asterisk.errors import EngineInstallError
from callside.asterisk.mirrors import AptSource

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt on this machine")


@pytest.fixture
def apt(tmp_path):
    private = PrivateApt(tmp_path / "apt", AptSource("http://127.0.0.1:1/nothing", ("sid",), ("main",)))
    private.prepare()
    return private


@needs_apt
def test_a_mirror_out_of_reach_is_an_error_that_says_so(apt):
    with pytest.raises(EngineInstallError, match=r"'apt-get' failed: .*127\.0\.0\.1"):
        apt.update()


@needs_apt
def test_nothing_outside_its_own_folder_is_used(apt, tmp_path):
    command = ["apt-config", "-c", str(tmp_path / "apt/apt.conf"), "dump"]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    settings = dict(line.rstrip(";").split(" ", 1) for line in dump.splitlines() if " " in line)
    for name in ("Dir::State", "Dir::State::status", "Dir::State::lists", "Dir::Cache"):
        assert settings[name].strip('"').startswith(str(tmp_path))
    assert settings["Dir::Etc::sourceparts"] == '"/dev/null"'
    hooks = {name: value for name, value in settings.items() if "-Invoke" in name}
    assert set(hooks.values()) <= {'""'}, "the machine's hooks would clean the machine's own cache"


@needs_apt
def test_a_package_nobody_offers_has_no_candidate(apt):
    assert apt.candidate("asterisk") == ""


@needs_apt
def test_the_fields_and_files_of_an_archive_are_read(apt, tmp_path):
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr").mkdir()
    (tree / "usr/file").write_text("here")
    (tree / "DEBIAN/control").write_text(
        "Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n"
        "Pre-Depends: libc6 (>= 2.38)\nDepends: liba1 | libb2 (>= 1), perl:any, libc6\n"
    )
    archive = tmp_path / "thing.deb"
    subprocess.run(["dpkg-deb", "--build", str(tree), str(archive)], check=True, capture_output=True)
    assert apt.depends(archive) == ["libc6", "liba1", "libb2", "perl"]
    apt.unpack(archive, tmp_path / "root")
    assert (tmp_path / "root/usr/file").read_text() == "here"
