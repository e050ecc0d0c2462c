"""systemd's unit files, and what the confined service cannot see."""

import re
import shutil
import subprocess

import pytest
from daemon import ROOT

SERVICES = ["chatd.service", "chatd@.service"]


def settings(name):
    text = (ROOT / "systemd" / name).read_text()
    return set(re.findall(r"(?m)^(\w+=.*)$", text))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_comes_back_unless_its_configuration_is_faulty(name):
    assert settings(name) >= {
        "Restart=always",
        "StartLimitIntervalSec=0",
        "RestartPreventExitStatus=2",
        "Wants=network-online.target",
        "Environment=CHATD_BOOT_ID=%b",
    }
    assert any(re.match("After=.*network-online.target", s) for s in settings(name))


def test_the_socket_is_for_this_machine_only():
    ports = [s for s in settings("chatd.socket") if s.startswith("ListenStream=")]
    assert ports == ["ListenStream=127.0.0.1:8080"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong(tmp_path):
    """With a program that exists in place of chatd."""
    for name in [*SERVICES, "chatd.socket"]:
        text = (ROOT / "systemd" / name).read_text().replace("/usr/bin/chatd ", "/bin/true ")
        (tmp_path / name.replace("@", "@a")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *tmp_path.iterdir()],
        capture_output=True, text=True,
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "chatd" in line]
    assert said == []


# --- the boot of the machine ----------------------------------------------------------------------

HIDE = 'mount -t proc -o subset=pid proc /proc && exec "$@"'
BOOT = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"


def can_hide():
    command = ["unshare", "-m", "sh", "-c", HIDE, "sh", "true"]
    return subprocess.run(command, capture_output=True).returncode == 0


def recovered(start, before, after, command=()):
    """Whether a cursor survives `kill -9`; both starts have their own idea of the machine's boot."""
    d = start(command=command, environment=before, redis=False)
    ann = d.person("ann")
    log = ann.join()["log"]
    last = ann.say("before")["seq"]
    d.kill()
    d.environment = after
    d.start()
    return d.person("bob").join(after=last, log=log)["recovered"]


@pytest.mark.skipif(not can_hide(), reason="no mount namespace")
@pytest.mark.parametrize("environment", [{}, {"CHATD_BOOT_ID": BOOT}])
def test_cursors_survive_a_crash_where_the_boot_is_hidden(start, environment):
    command = ["unshare", "-m", "sh", "-c", HIDE, "sh"]
    assert recovered(start, environment, environment, command)


@pytest.mark.parametrize(
    "before, after, same",
    [(BOOT, BOOT, True), (BOOT, OTHER, False), (BOOT, "01234567-89ab-cdef-0123-456789abcdef", True),
     (BOOT, "", True), ("", BOOT, True)],
)  # fmt: skip
def test_a_boot_that_is_not_known_is_not_another(start, before, after, same):
    before, after = ({"CHATD_BOOT_ID": id} for id in (before, after))
    assert recovered(start, before, after) == same
