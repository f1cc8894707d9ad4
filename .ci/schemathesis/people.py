"""The people who ask: an administrator with a second factor, and applicants who may be signed out at any time."""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.request

PASSWORD = "seven grey cranes over Palic"


def ask(url: str, method: str, path: str, body: dict | None = None, token: str | None = None) -> tuple[int, dict]:
    """One request; gives status and JSON."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/api/v1/{path}", data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else {}
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def totp(secret: str, step: int) -> str:
    """The six digits of a step of 30 seconds (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def prepare(binary: str, url: str, file: pathlib.Path) -> None:
    """Makes an administrator through the command line and writes down how they sign in."""
    email = "administrator@example.org"
    created = subprocess.run(
        [binary, "user", "create", "--role", "administrator", "--email", email], capture_output=True, text=True, check=True
    )
    token = re.search(r"#(\S+)", created.stdout).group(1)
    status, answer = ask(url, "POST", "invitations/accept", {"token": token, "name": "Ana Anić", "password": PASSWORD})
    assert status == 200, answer
    status, session = ask(url, "POST", "sessions", {"email": email, "password": PASSWORD})
    assert status == 201, session
    access = session["access_token"]
    status, offer = ask(url, "POST", "me/second-factor", token=access)
    assert status == 201, offer
    code = totp(offer["secret"], int(time.time()) // 30 - 1)
    status, codes = ask(url, "POST", "me/second-factor/confirm", {"totp_code": code}, token=access)
    assert status == 200, codes
    file.write_text(json.dumps({"url": url, "email": email, "secret": offer["secret"], **codes, "access": access}))


def applicant(url: str, folder: pathlib.Path, number: int) -> str:
    """Registers an applicant by the mailed link; gives the address."""
    email = f"applicant{number}@example.org"
    status, answer = ask(url, "POST", "registrations", {"email": email})
    assert status == 202, answer
    for _ in range(1000):
        for letter in folder.glob("*.eml"):
            text = letter.read_text()
            if f"To: {email}" in text and (found := re.search(r"/registration#(\S+)", text)):
                status, answer = ask(url, "POST", "registrations/confirm", {"token": found.group(1), "password": PASSWORD})
                assert status == 201, answer
                return email
        time.sleep(0.01)
    raise RuntimeError(f"no letter came to {email}")


def sign_in(url: str, email: str, **second_factor: str) -> str:
    """Signs in with the password; gives the access token."""
    status, session = ask(url, "POST", "sessions", {"email": email, "password": PASSWORD, **second_factor})
    assert status == 201, session
    return session["access_token"]
