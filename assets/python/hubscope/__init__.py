"""The `hf` extension: `hf hubscope` runs the program that this package installs."""

import os
import sys
import sysconfig


def main() -> None:
    """Replaces this process with the program."""
    program = os.path.join(
        sysconfig.get_path("scripts"), "hubscope" + (sysconfig.get_config_var("EXE") or "")
    )
    arguments = [program, *sys.argv[1:]]
    if os.name == "nt":
        # Windows has no exec that keeps the console.
        import subprocess

        sys.exit(subprocess.run(arguments).returncode)
    os.execv(program, arguments)
