"""within_unit.py UNIT COMMAND… - executes the command with the system calls that a unit of systemd allows, and
without memory that becomes executable (MemoryDenyWriteExecute). systemd itself is not needed."""

import ctypes
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1


def read_sets():
    """systemd's sets of calls, by their names. They may have each other within them."""
    text = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    blocks = re.findall(r"^(@[\w-]+)\n((?:    .*\n)*)", text, flags=re.M)
    return {name: [w for w in map(str.strip, block.splitlines()) if not w.startswith("#")] for name, block in blocks}


SETS = read_sets()


def expand(words):
    return {call for word in words for call in (expand(SETS[word]) if word.startswith("@") else [word])}


def allowed(unit):
    calls = expand(["@default"])
    for line in re.findall(r"^SystemCallFilter=(.*)$", Path(unit).read_text(), flags=re.M):
        change = expand(line.removeprefix("~").split())
        calls = calls - change if line.startswith("~") else calls | change
    return calls


def confine(calls):
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ERRNO | errno.EPERM))
    for call in calls:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            seccomp.seccomp_rule_add(context, ALLOW, number, 0)
    assert seccomp.seccomp_load(context) == 0
    ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)


if __name__ == "__main__":
    confine(allowed(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
