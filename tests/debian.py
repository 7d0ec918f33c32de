"""Programs of Debian's packages that some tests need."""

import os
import shutil
import subprocess


class Unavailable(Exception):
    """Why there can be no such program on this machine."""


def install(programs: list[str], packages: list[str]) -> None:
    """Install the packages where a program is missing; raises `Unavailable` where that cannot be."""
    if all(map(shutil.which, programs)):
        return
    wanted = f"{' and '.join(programs)} from Debian's {' and '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"root installs {wanted} by apt-get")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        result = subprocess.run(
            ["apt-get", *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900
        )
    if result.returncode != 0:
        raise Unavailable(f"apt-get could not install {wanted}: {result.stderr.strip()[-200:]}")
