"""nginx with the configuration that is shipped, on this machine alone."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection

from tests.site import free_port

CONFIGURATION = Path(__file__).parent.parent / "deploy" / "nginx.conf"
EXECUTABLE = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
PATIENCE = 20.0
"""Seconds for nginx to come up or go down."""

_AROUND = """
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 2048; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ application/json json; }}
    include {folder}/letters.conf;
    # All that goes to the site goes through here, and is written down.
    log_format asked "$request_uri";
    upstream origin {{ server 127.0.0.1:{origin}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{wire};
        access_log {folder}/asked.log asked;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_read_timeout 5s;
        proxy_buffer_size 64k;
        proxy_buffers 4 64k;
        # Where there is no site, there is no answer either.
        error_page 502 504 = @nobody;
        location / {{ proxy_pass http://origin; }}
        location @nobody {{ return 444; }}
    }}
}}
"""


class Asked:
    """What nginx has asked the site for."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def addresses(self) -> list[str]:
        """Each request's address, in order."""
        return self._log.read_text().splitlines()


def shipped(folder: Path, port: int, origin: int, within: str = "", visits: str = "off") -> str:
    """The shipped configuration, with the lines that an operator changes changed for here: plain
    HTTP on one port, a site on another, and a folder of its own.

    Args:
        within: what else is to stand in the site's `server`.
        visits: where and how these are logged.
    """
    text = CONFIGURATION.read_text("utf-8")
    for theirs, ours in (
        ("127.0.0.1:8000", f"127.0.0.1:{origin}"),
        ("listen 80;", f"listen unix:{folder}/plain;"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        ("letters.example.org;", "localhost 127.0.0.1;"),
        ("/var/cache/nginx/letters/", f"{folder}/"),
        ("    location / {\n        set ", f"{within}\n    location / {{\n        set "),
        ("/var/log/nginx/letters.error.log", f"{folder}/letters.error.log"),
        ("    access_log off;\n    error_log", f"    access_log {visits};\n    error_log"),
    ):
        assert theirs in text, f"{theirs} is not in {CONFIGURATION} any more"
        text = text.replace(theirs, ours)
    lines = (line for line in text.splitlines() if "[::]" not in line and "    ssl_" not in line)
    return "\n".join(lines) + "\n"


@contextmanager
def running(
    folder: Path, port: int, origin: int, within: str = "", visits: str = "off"
) -> Iterator["Asked"]:
    """nginx, before a site that listens on another port; gives what it has asked the site for.

    Args:
        folder: an empty one with a short name.
        within: what else is to stand in the site's `server`.
        visits: where and how these are logged.
    """
    assert EXECUTABLE is not None
    wire = free_port()
    (folder / "letters.conf").write_text(shipped(folder, port, wire, within, visits), "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(_AROUND.format(user=user, folder=folder, wire=wire, origin=origin), "utf-8")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [EXECUTABLE, "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, folder)
        yield Asked(folder / "asked.log")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            words = "\n".join(each.read_text() for each in folder.glob("*error.log"))
            assert process.poll() is None, f"nginx ended by itself:\n{words}"
            assert time.monotonic() < deadline, f"nginx does not answer:\n{words}"
            time.sleep(0.02)
        else:
            return
