"""A Slurm of one machine for the tests: Debian's packages, and three daemons with all they write in one folder.

Only /etc/slurm/slurm.conf lies elsewhere, for `srun` inside a job looks nowhere else. Nobody else's is touched.
"""

import contextlib
import fcntl
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from debian import Unavailable, install

CONF = Path("/etc/slurm/slurm.conf")
MARK = "# Made by learning-rate-study's `make test-cluster`, which removes it at its end.\n"

# No accounting, no control groups. Memory is looked at once a second, and a job that took too much is killed.
# A node that was set down stays down until it is resumed; its job then waits for `cred_expire` seconds, not 120.
SETTINGS = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthInfo=socket={folder}/munge.socket,cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
ReturnToService=1
KillWait=2
SchedulerParameters=sched_interval=1
{node} NodeAddr=127.0.0.1 State=UNKNOWN
PartitionName=tests Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def until(happened: Callable, what: str, seconds: float = 60):
    """Return what `happened()` returns once that is true; raises `TimeoutError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (result := happened()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.1)
    return result


def command(*words: str, seconds: float = 30) -> str:
    """Return what a command prints; it must end well and in time."""
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=seconds).stdout.strip()


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def end(process: subprocess.Popen) -> None:
    """End a process that we started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


class Slurm:
    """The cluster, while its `with` block lasts."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.node = socket.gethostname().split(".")[0]
        self.cleanup = contextlib.ExitStack()

    def __enter__(self) -> "Slurm":
        if os.geteuid() != 0:
            raise Unavailable("a Slurm for the tests is started by root; this is another user")
        install(["munged", "slurmctld", "slurmd"], ["slurm-wlm", "munge"])
        with self.cleanup:  # also when it does not start
            self.write_settings()
            self.start()
            self.cleanup = self.cleanup.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self.cleanup.close()

    def write_settings(self) -> None:
        """Write the settings for this run alone; raises `Unavailable` if others' are there, or another run's."""
        CONF.parent.mkdir(exist_ok=True)
        conf = CONF.open("a+", encoding="utf-8")
        self.cleanup.callback(conf.close)
        conf.seek(0)
        if not MARK.startswith(conf.read(len(MARK))):
            raise Unavailable(f"{CONF} is there already, and not ours to replace")
        try:
            fcntl.flock(conf, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("another `make test-cluster` runs on this machine") from None
        self.cleanup.callback(CONF.unlink)
        node = command("slurmd", "-C").splitlines()[0]
        conf.truncate(0)
        conf.write(MARK + SETTINGS.format(host=self.node, ports=free_ports(2), folder=self.folder, node=node))
        conf.flush()

    def start(self) -> None:
        """Start the daemons and wait until the node takes jobs."""
        key, munge = self.folder / "munge.key", self.folder / "munge.socket"
        key.touch(0o600)
        key.write_bytes(os.urandom(1024))
        files = [f"--{name}-file={self.folder}/munge.{name}" for name in ("key", "pid", "log", "seed")]
        self.daemon("munged", "--foreground", "--force", *files, f"--socket={munge}")
        until(munge.exists, "munge answers", 20)
        self.daemon("slurmctld", "-D")
        self.daemon("slurmd", "-D")
        until(lambda: self.state() == "idle", "a node that takes jobs")
        self.cleanup.callback(self.cancel_all)

    def daemon(self, *words: str) -> None:
        """Start a daemon that ends with the cluster, or with this process should it be killed."""
        with open(self.folder / f"{words[0]}.out", "w") as log:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *words], stdout=log, stderr=log)
        self.cleanup.callback(end, process)

    def cancel_all(self) -> None:
        """Cancel every job and wait until none is left, so that no process of one stays behind."""
        command("scancel", "--full", "--user=root")
        until(lambda: not self.jobs("running,pending,completing"), "no job is left")

    def state(self) -> str:
        """Return the node's state, empty while the controller does not answer."""
        result = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, timeout=30)
        return result.stdout.strip()

    def jobs(self, states: str, shown: str = "%i") -> list[str]:
        """Return the jobs in these states, by default their numbers."""
        return command("squeue", "-h", "-S", "i", "-o", shown, f"--states={states}").splitlines()

    def down(self) -> None:
        """Take the node down, as if it had failed."""
        command("scontrol", "update", f"NodeName={self.node}", "State=down", "Reason=test")

    def resume(self) -> None:
        """Take the node up again if it is down."""
        if self.state().startswith("down"):
            command("scontrol", "update", f"NodeName={self.node}", "State=resume")
