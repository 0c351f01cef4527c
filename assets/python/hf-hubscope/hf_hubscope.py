"""`hf hubscope` runs the program of the package hubscope."""

import os
import shutil
import subprocess
import sys
import sysconfig


def main() -> None:
    """Runs `hubscope`, which is installed beside this entry point, with the same arguments."""
    beside = os.path.dirname(os.path.realpath(sys.argv[0]))
    folders = os.pathsep.join([beside, sysconfig.get_path("scripts")])
    program = shutil.which("hubscope", path=folders)
    if program is None:
        sys.exit(f"hf-hubscope: hubscope is not in {beside}; install the package hubscope again")
    arguments = [program, *sys.argv[1:]]
    if os.name == "nt":
        # Windows cannot replace a process and keep its console.
        sys.exit(subprocess.run(arguments).returncode)
    os.execv(program, arguments)
