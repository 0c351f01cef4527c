"""Tries an installed wheel: commands, the explorer in a pseudo-terminal, the shell's files.

Usage: try-wheel.py ENVIRONMENT VERSION
"""

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

environment, version = Path(sys.argv[1]), sys.argv[2]
program = environment / "bin" / "hubscope"
variables = {"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"}


def output(*arguments):
    """Returns what a command prints; it must succeed."""
    return subprocess.run(
        arguments, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, text=True
    ).stdout


def commands():
    assert output(program, "--version") == f"hubscope {version}\n"
    assert output(environment / "bin" / "hf-hubscope", "--version") == f"hubscope {version}\n"
    shown = output(program, "show", "meta-llama/Llama-3.1-8B-Instruct", "--data", "sample")
    assert "meta-llama/Llama-3.1-8B-Instruct" in shown
    found = json.loads(output(program, "search", "llama", "--json", "--limit", "3", "--data", "sample"))
    ids = [model["id"] for model in found["hits"]]
    assert len(ids) == 3 and all("llama" in id.lower() for id in ids), ids


def explorer():
    """Types a query into the explorer, waits for its 24 models, and quits."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(program, [str(program), "--data", "sample"], variables)
    screen, end = b"", time.monotonic() + 30
    keys = [(b"Models", b"/qwen3 vl 8b\r"), (b"24 of", b"q")]
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                screen += os.read(terminal, 65536)
            except OSError:
                break
        if keys and keys[0][0] in screen:
            os.write(terminal, keys.pop(0)[1])
    assert not keys, screen[-2000:]
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"\x1b[?1049l" in screen, "the alternate screen is left"


def files():
    share = environment / "share"
    for name in [
        "man/man1/hubscope.1",
        "bash-completion/completions/hubscope",
        "zsh/site-functions/_hubscope",
        "fish/vendor_completions.d/hubscope.fish",
    ]:
        assert (share / name).stat().st_size > 0, name


checks = [commands, explorer, files]
for check in checks:
    check()
    print(f"the installed wheel: {check.__name__} ok")
