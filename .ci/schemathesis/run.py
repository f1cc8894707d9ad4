"""Holds the served OpenAPI document against the running server: every operation, all checks, a fixed seed.

Usage: python run.py FOND_BINARY   (needs the packages of requirements.txt; writes into a temporary folder only)
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import people

HERE = pathlib.Path(__file__).resolve().parent
SEED = "20201120"
EXAMPLES = "60"


def start(binary: str, folder: pathlib.Path) -> tuple[subprocess.Popen, str]:
    """Starts the server on a free port; gives the process and its URL."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite://{folder}/fond.sqlite3",
        "FOND__HTTP__METRICS_LISTEN": "",
        "FOND__HTTP__LOG": "error",
        "FOND__MAIL__FOLDER": str(folder / "mail"),
        # Wide, for one machine asks everything; the limits have tests of their own.
        "FOND__LIMITS__ACCOUNT_PER_MINUTE": "100000000",
        "FOND__LIMITS__ADDRESS_PER_MINUTE": "100000000",
        "FOND__LIMITS__SIGN_INS_PER_QUARTER": "100000000",
        "FOND__LIMITS__LETTERS_PER_HOUR": "100000000",
    }
    os.environ.update(environment)
    server = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    line = server.stdout.readline()
    url = next(word for word in line.split() if word.startswith("http://"))
    return server, url


def operations(url: str) -> int:
    """How many operations the document has."""
    with urllib.request.urlopen(f"{url}/api/v1/openapi.json") as answer:
        document = json.load(answer)
    return sum(len(item) for item in document["paths"].values())


def main() -> int:
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server, url = start(binary, folder)
        try:
            people.prepare(binary, url, folder / "people.json")
            os.environ["FOND_PEOPLE"] = str(folder / "people.json")
            os.environ["SCHEMATHESIS_HOOKS"] = str(HERE / "hooks.py")
            os.environ["PYTHONPATH"] = str(HERE)
            print(f"{operations(url)} operations, at least {EXAMPLES} examples each, seed {SEED}", flush=True)
            began = time.monotonic()
            command = [
                *(sys.executable, "-m", "schemathesis.cli"),
                *("--config-file", str(HERE / "schemathesis.toml")),
                *("run", f"{url}/api/v1/openapi.json"),
                *("--seed", SEED, "--max-examples", EXAMPLES, "--continue-on-failure", "--no-color"),
            ]
            code = subprocess.run(command, cwd=folder, check=False).returncode
            print(f"schemathesis ended with {code} after {time.monotonic() - began:.0f} s", flush=True)
            return code
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
