"""A mail server for tests: it stores what it takes as files, and misbehaves as its arguments say.

Prints its port when it listens. Every message becomes FOLDER/NUMBER.eml; every fault adds a line to FOLDER/faults.
"""

import argparse
import asyncio
import pathlib
import ssl

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("--folder", type=pathlib.Path, required=True)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--refuse", type=int, default=0, help="answer every recipient with this code")
parser.add_argument("--refuse-sender", type=int, default=0, help="answer every MAIL command with this code")
parser.add_argument("--greylist", type=int, default=0, help="answer the first so many recipients with 451")
parser.add_argument("--drop", type=int, default=0, help="hang up so many times after taking a message, before the answer")
parser.add_argument("--slow", type=float, default=0, help="seconds before a message is answered")
parser.add_argument("--tls", choices=["starttls", "tls"], help="with a certificate for localhost; its authority: FOLDER/ca.pem")
parser.add_argument("--user", help="who must sign in, with the password right")
arguments = parser.parse_args()


def fault(what: str) -> None:
    with (arguments.folder / "faults").open("a") as log:
        log.write(what + "\n")


def is_fault_left(name: str) -> bool:
    left = getattr(arguments, name)
    setattr(arguments, name, max(left - 1, 0))
    return left > 0


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if arguments.refuse_sender:
            fault(f"refused {arguments.refuse_sender}")
            return f"{arguments.refuse_sender} <{address}> may not send here"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if arguments.refuse:
            fault(f"refused {arguments.refuse}")
            return f"{arguments.refuse} <{address}> is not known here"
        if is_fault_left("greylist"):
            fault("greylisted")
            return f"451 4.7.1 come back later with <{address}>"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        number = len(list(arguments.folder.glob("*.eml")))
        (arguments.folder / f"{number}.eml").write_bytes(envelope.content)
        if is_fault_left("drop"):
            fault("dropped")
            server.transport.abort()
        if arguments.slow:
            await asyncio.sleep(arguments.slow)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    is_right = data.login.decode() == arguments.user and data.password == b"right"
    if not is_right:
        fault("stranger")
    return AuthResult(success=is_right, handled=False)


def certificate() -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(arguments.folder / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


async def main() -> None:
    context = certificate() if arguments.tls else None
    options = {}
    if arguments.tls == "starttls":
        options.update(tls_context=context, require_starttls=True)
    if arguments.user:
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=False)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), hostname="mail.example.org", **options),
        "127.0.0.1",
        arguments.port,
        ssl=context if arguments.tls == "tls" else None,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
