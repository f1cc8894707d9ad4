"""Who sends which request: what would sign the sender out is sent by an applicant, everything else by an administrator."""

import json
import os
import pathlib
import threading
import time

import schemathesis

import people

PEOPLE = json.loads(pathlib.Path(os.environ["FOND_PEOPLE"]).read_text())
URL = PEOPLE["url"]
MAIL = pathlib.Path(os.environ["FOND__MAIL__FOLDER"])
LOCK = threading.Lock()
# Operations after which the sender is signed out, or signs in otherwise.
ENDING = ("/sessions", "/me/second-factor", "/me/password", "/me/recovery-codes", "/me/email-changes")
STATE = {"applicant": None, "access": None, "stepped_up": time.monotonic(), "renewed": time.monotonic()}


def administrator() -> str:
    """A token with a fresh second factor: renewed every four minutes by a recovery code, each of which works once."""
    if time.monotonic() - STATE["renewed"] > 240:
        PEOPLE["access"] = people.sign_in(URL, PEOPLE["email"], recovery_code=PEOPLE["recovery_codes"].pop())
        STATE["renewed"] = time.monotonic()
    return PEOPLE["access"]


def applicant() -> str:
    """A token of an applicant who is signed in at this moment."""
    if STATE["applicant"] is None:
        STATE["applicant"] = people.applicant(URL, MAIL, 1)
    if STATE["access"] is None or people.ask(URL, "GET", "me", token=STATE["access"])[0] != 200:
        STATE["access"] = people.sign_in(URL, STATE["applicant"])
    return STATE["access"]


@schemathesis.auth(refresh_interval=None)
class Token:
    """Signs a request in."""

    def get(self, case, context):
        path = context.operation.path.removeprefix("/api/v1")
        with LOCK:
            return applicant() if path.startswith(ENDING) else administrator()

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
