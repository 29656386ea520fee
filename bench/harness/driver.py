"""The load driver as a companion process: a workload's name goes in, its figures come out."""

import json
import subprocess

from .processes import Failed, start, stop


class Driver:
    """Keeps the users it has created for as long as it lives, so that runs of it can alternate with other things."""

    def __init__(self, program, gateway, token, seconds, watch):
        self.program = program
        self.gateway = gateway
        self.token = token
        self.seconds = seconds
        self.watch = watch
        self.process = None

    def start(self):
        command = [str(self.program), "--base", f"http://127.0.0.1:{self.gateway.port}/scim/v2", "--token", self.token,
                   "--seconds", str(self.seconds), "--json"]
        self.process = start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, workload):
        """The figures of one run, as the driver's JSON says them."""
        for name, pid in self.watch().items():
            self._say(f"watch {name}={pid}")
        self._say(workload)
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the load driver ended during {workload}")
        return json.loads(line)

    def _say(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed("the load driver has ended") from None

    def stop(self):
        stop(self.process)
        self.process = None
