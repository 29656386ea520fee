"""A mail server (aiosmtpd) on loopback that keeps what it takes, and does to some addresses what networks and servers do."""

import asyncio
import logging
import ssl
import threading
import warnings
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.smtp import SMTP, AuthResult

# It cannot know that what is wrapped in TLS is safe, and warns of it.
warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
logging.getLogger("mail.log").setLevel(logging.ERROR)

# What may happen to a mail besides being taken; anything else is an answer to RCPT.
CUT = "the connection ends in the middle of DATA"
UNANSWERED = "the mail is taken, and the connection ends before that is said"
HELD = "DATA is not answered"


@dataclass
class Taken:
    """A mail that was taken."""

    sender: str
    recipients: list
    raw: bytes
    over_tls: bool

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def message(self) -> EmailMessage:
        return BytesParser(policy=policy.default).parsebytes(self.raw)

    @property
    def message_id(self) -> str:
        return self.message["Message-ID"]


class Conversation(SMTP):
    """SMTP, with accidents."""

    async def smtp_DATA(self, arg):
        to = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else None
        accident = self.event_handler.accident(to, CUT, HELD)
        if accident == CUT:
            await self.push("354 go on")
            await self._reader.readuntil(b"\r\n")
            self.transport.abort()
            await asyncio.Event().wait()  # until the conversation is cancelled
        elif accident == HELD:
            self.event_handler.note(held=to)
            await asyncio.Event().wait()  # until whoever sends it is gone
        else:
            await super().smtp_DATA(arg)


class MailServer:
    """Runs in a thread of its own; everything here can be called from any other."""

    def __init__(self, tls=None, wrapped=False, mechanism=None):
        """Without `tls`, an SSLContext, in the clear; `wrapped` from the first byte, else by STARTTLS. `mechanism`: the one way to log in."""
        self.taken, self.logins, self.held, self.password = [], [], [], None
        self._accidents = {}
        self._changed = threading.Condition()
        self._tls, self._wrapped, self._mechanism = tls, wrapped, mechanism
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    async def _listen(self):
        server = await self._loop.create_server(
            self._converse, "127.0.0.1", 0, ssl=self._tls if self._wrapped else None
        )
        return server.sockets[0].getsockname()[1]

    def _converse(self):
        starttls = self._tls if not self._wrapped else None
        return Conversation(
            self,
            hostname="mail.example.com",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=self._mechanism is not None,
            # What is wrapped in TLS looks like plain text from within.
            auth_require_tls=starttls is not None,
            auth_exclude_mechanism={"PLAIN", "LOGIN"} - {self._mechanism},
            authenticator=self._authenticate,
            loop=self._loop,
        )

    def _authenticate(self, server, session, envelope, mechanism, data):
        self.note(login=(mechanism, data.login.decode(), data.password.decode(), session.ssl is not None or self._wrapped))
        return AuthResult(success=data.password.decode() == self.password, handled=False)

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        answer = self.accident(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        over_tls = session.ssl is not None or self._wrapped
        self.note(taken=Taken(envelope.mail_from, list(envelope.rcpt_tos), envelope.content, over_tls))
        if self.accident(envelope.rcpt_tos[0], UNANSWERED):
            server.transport.abort()
        return "250 taken"

    def accident(self, address, *kinds):
        """What happens to a mail now, once: one of `kinds`, or without any an answer to RCPT."""
        with self._changed:
            waiting = self._accidents.get(address, [])
            special = (CUT, UNANSWERED, HELD)
            if waiting and (waiting[0] in kinds if kinds else waiting[0] not in special):
                return waiting.pop(0)
            return None

    def next(self, address, *accidents):
        """What happens to the next mails to an address, one after the other."""
        with self._changed:
            self._accidents.setdefault(address, []).extend(accidents)

    def note(self, taken=None, held=None, login=None):
        with self._changed:
            self.taken += [taken] if taken else []
            self.held += [held] if held else []
            self.logins += [login] if login else []
            self._changed.notify_all()

    def mails(self, address):
        """The mails that were taken for an address."""
        with self._changed:
            return [mail for mail in self.taken if mail.recipients == [address]]

    def wait(self, what, condition, seconds=20):
        """Waits until a condition holds that what arrives can fulfil."""
        with self._changed:
            if not self._changed.wait_for(condition, seconds):
                raise AssertionError(f"in vain: {what}; taken: {[mail.recipients for mail in self.taken]}, held: {self.held}")


def tls_context(certificate):
    """A context that shows a certificate of trustme."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
