import importlib.util
import platform
import shutil
import subprocess
import sys

import pytest

from core.local import bootstrap
from core.local.refusals import CannotStart


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A house whose lock files ask for nothing, on a machine that has no environment yet."""
    for lock in bootstrap.DISK_NEEDED_MB:
        (tmp_path / lock).write_text("# nothing\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path / "local"))
    return tmp_path


@pytest.fixture
def quick_venv(monkeypatch):
    def make(folder):
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(bootstrap, "_make_venv", make)


def test_where_everything_is_importable_nothing_happens(house):
    bootstrap.enter(["manage.py", "up"])

    assert not (house / "local").exists()


def test_another_django_of_the_system_is_not_ours_to_run_on(monkeypatch):
    monkeypatch.setattr(bootstrap, "DJANGO", "3.2")

    assert not bootstrap._is_importable(bootstrap.RUNTIME)


def test_a_changed_lock_file_builds_beside_the_old_environment(house):
    before = bootstrap.folder_of("requirements.txt")

    (house / "requirements.txt").write_text("# something else\n")

    assert bootstrap.folder_of("requirements.txt") != before
    assert bootstrap.folder_of("requirements.txt").parent == before.parent


@pytest.mark.timeout(120)
@pytest.mark.slow
def test_a_built_environment_runs_from_the_place_it_was_renamed_to(house, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)

    python = bootstrap.environment(for_development=False)

    ran = subprocess.run(
        [python, "-m", "pip", "list", "--format", "freeze"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.startswith("pip==")
    assert [one.name for one in python.parents[2].iterdir() if one.name.endswith("building")] == []


def test_an_interrupted_build_is_simply_repeated(house, quick_venv, monkeypatch):
    install = bootstrap._install

    def interrupted(folder, *_):
        (folder / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "_install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.environment(for_development=False)
    assert not bootstrap.folder_of("requirements.txt").exists()

    monkeypatch.setattr(bootstrap, "_install", lambda *_: None)
    python = bootstrap.environment(for_development=False)

    assert install is not bootstrap._install
    assert python.exists()
    assert not (python.parents[1] / "half").exists()


def test_a_development_environment_runs_the_market_too(house, quick_venv, monkeypatch):
    monkeypatch.setattr(bootstrap, "_install", lambda *_: None)

    built = bootstrap.environment(for_development=True)

    assert bootstrap.environment(for_development=False) == built


def test_a_failed_installation_says_why_and_leaves_no_environment(house, monkeypatch, capsys):
    (house / "requirements.txt").write_text("no-such-package-of-this-market==1\n")
    monkeypatch.setattr(bootstrap, "_make_venv", _borrow_this_python)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")

    with pytest.raises(CannotStart, match="installing the requirements failed"):
        bootstrap.environment(for_development=False)

    assert "pip: " in capsys.readouterr().err
    assert not bootstrap.folder_of("requirements.txt").exists()


def test_missing_modules_of_python_are_named_with_the_package_to_install(house, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name)
    )

    with pytest.raises(CannotStart, match=r"no ensurepip module.*apt install python3\.\d+-venv"):
        bootstrap.environment(for_development=False)


@pytest.mark.parametrize(
    ("libc", "sentence"),
    [(("", ""), "uses musl"), (("glibc", "2.17"), "glibc 2.17 is too old")],
)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a choice of C libraries")
def test_an_unfit_c_library_is_named(house, monkeypatch, libc, sentence):
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)

    with pytest.raises(CannotStart, match=sentence):
        bootstrap.environment(for_development=False)


def test_a_machine_without_packaged_servers_is_named(house, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    with pytest.raises(CannotStart, match="riscv64 has no embedded servers"):
        bootstrap.environment(for_development=False)


def test_too_little_disk_is_said_before_anything_is_fetched(house, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 10_000_000))

    with pytest.raises(CannotStart, match="10 MB free and 900 MB are needed"):
        bootstrap.environment(for_development=False)


def test_a_folder_that_cannot_be_written_to_is_named(house, monkeypatch):
    (house / "file").touch()
    monkeypatch.setenv("LOCAL_DIR", str(house / "file" / "local"))

    with pytest.raises(CannotStart, match="cannot be written to"):
        bootstrap.environment(for_development=False)


def test_an_unfit_python_is_told_which_ones_fit(tmp_path):
    pretend = "import sys, runpy; sys.version_info = (3, 10, 0); runpy.run_path('manage.py')"

    ran = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert ran.stderr == (
        "manage.py: this is Python 3.10; the market needs Python 3.11, 3.12 or 3.13.\n"
    )


def _borrow_this_python(folder):
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", folder],
        check=True,
    )
