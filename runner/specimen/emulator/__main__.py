"""``python -m specimen.emulator --state DIR [--port N]``: serves until it is told to end by SIGTERM or Ctrl-C."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from cheroot.wsgi import Server as WebServer

from specimen.emulator import control
from specimen.emulator.context import Credentials
from specimen.emulator.control import Server
from specimen.emulator.dispatch import ACCOUNT, REGION, Emulator, Identity, new_credentials
from specimen.emulator.errors import EmulatorError, PortInUse
from specimen.emulator.jobs.containers import LIBRARIES
from specimen.emulator.jobs.launch import Launcher
from specimen.emulator.jobs.processes import identify
from specimen.emulator.sagemaker.deployments import known
from specimen.emulator.server import HOST, Application, listen


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a state folder; the exit code says why it could not (see `control.EXIT_CODES`)."""
    parser = argparse.ArgumentParser(prog="python -m specimen.emulator", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder that holds everything the server remembers")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1; any that is free, if not given")
    options = parser.parse_args(arguments)
    if options.port is not None and not 0 < options.port < 65536:
        parser.error("--port is a number from 1 to 65535")
    try:
        serve(options.state.absolute(), options.port)
    except EmulatorError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - this is a command
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)  # noqa: T201 - this is a command
        codes = {kind: code for code, kind in control.EXIT_CODES.items()}
        return codes.get(type(error), 1)
    return 0


def serve(state: Path, port: int | None) -> None:
    """Serve until SIGTERM or Ctrl-C; jobs go on when it ends, endpoints come back with the next server."""
    with control.hold(state):
        former = control.recorded(state)
        web = _listen(port, former)
        try:
            emulator = _answering(state, web, _describe(web, former))
        finally:
            web.stop()  # its threads would keep the process alive
        emulator.launcher.suspend("Endpoint")
        emulator.close()


def _answering(state: Path, web: WebServer, server: Server) -> Emulator:
    """Answer until the process is told to end."""
    emulator = _emulator(state / "aws", server)
    web.wsgi_app = Application(emulator)
    signal.signal(signal.SIGTERM, _end)
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        control.record(state, server)
        emulator.launcher.warm()
        web.serve()
    return emulator


def _listen(port: int | None, former: Server | None) -> WebServer:
    """Listen where we are told to; else where the folder's last server did, so that programs find it again."""
    if port is None and former is not None:
        with contextlib.suppress(PortInUse):
            return listen(former.port)
    return listen(port)


def _describe(web: WebServer, former: Server | None) -> Server:
    port = web.bind_addr[1]
    keys = Credentials(former.access_key, former.secret_key) if former else new_credentials()
    process = identify(os.getpid())
    return Server(
        pid=os.getpid(),
        started=process.started if process else "",
        port=port,
        endpoint=f"http://{HOST}:{port}",
        region=REGION,
        account=ACCOUNT,
        access_key=keys.access_key,
        secret_key=keys.secret_key,
    )


def _emulator(folder: Path, server: Server) -> Emulator:
    credentials = Credentials(server.access_key, server.secret_key)
    identity = Identity(server.account, server.region, server.endpoint, credentials)
    emulator = Emulator(folder, identity, Launcher(folder, libraries=LIBRARIES))
    emulator.objects.sweep()
    with emulator.store.transaction() as tx:
        emulator.launcher.sweep(lambda kind, name: known(tx, kind, name))
    return emulator


def _end(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    os.umask(control.PRIVATE)
    sys.exit(main())
