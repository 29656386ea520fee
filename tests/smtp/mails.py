"""Mails of scimgate, from the call that causes them to the mailbox. Usage: mails.py PROGRAM FOLDER"""

import html
import pathlib
import re
import signal
import sys
import time
from email.header import decode_header, make_header

import requests
import trustme

from gate import TENANT, Gate, until
from mail_server import CUT, HELD, UNANSWERED, MailServer, tls_context

PASSWORD = "seven ducks under a lamp"


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def one(server, address):
    mails = server.mails(address)
    same(len(mails), 1, f"mails to {address}")
    return mails[0]


def an_invitation_arrives_once_and_opens_the_door(gate, server):
    gate.ask("PUT", f"/admin/v1/tenants/{TENANT}/mail-settings", json={"name": "Äpfel & Söhne"})
    person = {"email": "ann@example.com", "firstName": "Änne", "lastName": "Lee", "displayName": "Änne Lee"}
    made = gate.invite(person, inviter="Bea Boß", message="See you on Monday.\n.\n..\nFrom here on.")
    gate.mail_becomes("ann@example.com", "sent", 1)
    mail = one(server, "ann@example.com")
    same(mail.sender, "gate@example.com", "the envelope's sender")
    assert mail.head.isascii(), f"the header is not encoded: {mail.head!r}"
    for name in ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]:
        same(len(mail.message.get_all(name, [])), 1, f"headers {name}")
    same(mail.message["From"].addresses[0].display_name, "Größe & Co", "the sender's name")
    same(mail.message["From"].addresses[0].addr_spec, "gate@example.com", "the sender")
    same([to.addr_spec for to in mail.message["To"].addresses], ["ann@example.com"], "the recipients")
    same(str(make_header(decode_header(mail.message["Subject"]))), "Bea Boß invites you to Äpfel & Söhne", "the subject")
    assert re.fullmatch(r"<[0-9a-f-]{36}@example\.com>", mail.message_id), f"no Message-ID: {mail.message_id}"
    same(mail.message["Auto-Submitted"], "auto-generated", "Auto-Submitted")
    same(mail.message.get_content_type(), "multipart/alternative", "the kind of the mail")
    same([part.get_content_type() for part in mail.message.iter_parts()], ["text/plain", "text/html"], "the parts")
    text, page = (part.get_content().replace("\r\n", "\n") for part in mail.message.iter_parts())
    for told in ["Bea Boß invites you to Äpfel & Söhne", "See you on Monday.", "From here on."]:
        assert told in text, f"{told!r} is not in the text:\n{text}"
        assert told in html.unescape(page), f"{told!r} is not in the page:\n{page}"
    assert "> See you on Monday.\n> .\n> ..\n> From here on.\n" in text, f"what the inviter says is not as it was:\n{text}"

    link = re.search(rf"{re.escape(gate.origin)}/invitations/[\w-]+", text).group()
    assert f'href="{link}"' in page, f"the page has another link than {link}:\n{page}"
    opened = requests.get(link, timeout=20)
    same(opened.status_code, 200, "the link")
    assert "Bea Boß invites you" in html.unescape(opened.text), opened.text
    accepted = requests.post(f"{link}/accept", data={"password": PASSWORD, "again": PASSWORD}, timeout=20)
    assert accepted.status_code == 200 and "Your account is active" in accepted.text, accepted.text
    invitation = gate.ask("GET", f"/api/v1/invitations/{made['ann@example.com']}", "source")
    same(invitation["state"], "accepted", "the invitation")
    same(requests.get(link, timeout=20).status_code, 404, "the link, once it was used")


def names_add_neither_headers_nor_recipients(gate, server):
    hostile = "x\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>\r\n.\r\nRCPT TO:<eve@example.com>"
    person = {"email": "ben@example.com", "firstName": "Ben", "lastName": "Lee", "displayName": hostile}
    # Who invites is refused with ends of lines that everybody knows; there are others.
    body = {"users": [person], "inviter": hostile[:100], "message": hostile}
    refused = gate.ask("POST", "/api/v1/invitations", "source", 422, json=body)
    same([error["field"] for error in refused["errors"]], ["inviter"], "what is refused")
    inviter = "Bea\u2028Bcc: eve@example.com\u2029<script>"
    answer = gate.ask("POST", "/api/v1/invitations", "source", json={**body, "inviter": inviter})
    same(answer["result"]["invited"], 1, f"invited of {answer}")
    gate.mail_becomes("ben@example.com", "sent", 1)
    mail = one(server, "ben@example.com")
    same(server.mails("eve@example.com"), [], "mails to somebody else")
    wanted = {"message-id", "date", "from", "to", "subject", "auto-submitted", "mime-version", "content-type"}
    same({name.lower() for name in mail.message.keys()}, wanted, "the headers")
    same([to.addr_spec for to in mail.message["To"].addresses], ["ben@example.com"], "the recipients")
    page = mail.message.get_body(("html",)).get_content()
    assert "<script" not in page, f"a name became HTML:\n{page}"
    wrong = {"email": "ben@example.com\r\nRCPT TO:<eve@example.com>", "firstName": "Ben", "lastName": "Lee"}
    answer = gate.ask("POST", "/api/v1/invitations", "source", json={"users": [wrong]})
    same(answer["result"]["failed"], 1, "an address of two lines is refused")


def what_is_not_taken_is_tried_again_or_bounces(gate, server):
    server.next("later@example.com", "451 4.3.0 come back later")
    server.next("cut@example.com", CUT)
    server.next("unanswered@example.com", UNANSWERED)
    server.next("gone@example.com", "550 5.1.1 no such user")
    delayed = ["later@example.com", "cut@example.com", "unanswered@example.com"]
    gate.invite(*delayed, "gone@example.com")

    gate.tried_in_vain("later@example.com", "come back later")
    gate.tried_in_vain("cut@example.com", "")
    gate.tried_in_vain("unanswered@example.com", "")
    same((server.mails("later@example.com"), server.mails("cut@example.com")), ([], []), "mails that were not taken")
    for address in delayed:
        due = gate.mails()[address]["nextAttemptAt"]
        assert due > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), f"{address} is tried again at once: {due}"
    gate.time_passes(*delayed)
    for address in delayed:
        gate.mail_becomes(address, "sent", 2)
    one(server, "later@example.com")
    one(server, "cut@example.com")
    # It was taken, which nobody could know: the second one says that it is the same.
    twice = server.mails("unanswered@example.com")
    same((len(twice), len({mail.message_id for mail in twice})), (2, 1), "copies and Message-IDs of what was not answered")
    first, second = ([part.get_content() for part in mail.message.iter_parts()] for mail in twice)
    same(second, first, "the parts of the second copy")

    bounced = gate.mail_becomes("gone@example.com", "bounced", 1)
    assert "no such user" in bounced["error"], f"the server's words are missing: {bounced}"
    addresses = gate.ask("GET", f"/admin/v1/tenants/{TENANT}/bounces")["items"]
    same([bounce["address"] for bounce in addresses], ["gone@example.com"], "the addresses that bounced")
    same(server.mails("gone@example.com"), [], "mails to an address that nobody has")


def a_kill_loses_and_doubles_nothing(gate, server, url):
    people = [f"user{number}@example.com" for number in range(20)]
    for address in people[5:]:
        server.next(address, HELD)
    gate.invite(*people)

    def is_held():
        # Whatever was begun is held or written down as sent: only then the end is the same each time.
        mails = {address: mail for address, mail in gate.mails().items() if address in people}
        begun = {address for address, mail in mails.items() if mail["attempts"]}
        sent = {address for address, mail in mails.items() if mail["state"] == "sent"}
        return server.held and begun == sent | set(server.held)

    until("some mails are held in the middle", is_held)
    held = list(server.held)
    gate.kill()
    for address in people:
        while server.accident(address, HELD):
            pass
    gate.start(url)
    # The claims of the dead one hold for a while; the others are sent at once.
    rest = set(people) - set(held)
    server.wait("the mails that nobody had begun arrive", lambda: rest <= {mail.recipients[0] for mail in server.taken})
    gate.time_passes(*held)
    until("all mails are sent", lambda: all(gate.mails()[address]["state"] == "sent" for address in people))
    for address in people:
        one(server, address)
        same(gate.mails()[address]["attempts"], 2 if address in held else 1, f"attempts to mail {address}")
    same(len({one(server, address).message_id for address in people}), len(people), "Message-IDs")


def a_login_is_needed(gate, server, address, mechanism):
    server.password = "another"
    gate.invite(address)
    gate.tried_in_vain(address, "535")
    same(server.mails(address), [], "mails that were taken with a wrong password")
    server.password = "hunter2 %&:/@ß"
    gate.time_passes(address)
    gate.mail_becomes(address, "sent", 2)
    assert one(server, address).over_tls, "the mail came in the clear"
    assert set(server.logins) == {(mechanism, "gate@example.com", server.password, True)}, f"logins: {server.logins}"


def a_server_that_nobody_vouches_for_gets_nothing(gate, server, context, mine, others):
    for name, certificate in [("stranger", others.issue_cert("localhost")), ("alias", mine.issue_cert("mail.example.com"))]:
        logins = len(server.logins)
        certificate.configure_cert(context)
        gate.invite(f"{name}@example.com")
        gate.tried_in_vain(f"{name}@example.com", "certificate")
        same((server.mails(f"{name}@example.com"), len(server.logins)), ([], logins), f"mails and logins with the {name}")
    mine.issue_cert("localhost").configure_cert(context)
    gate.time_passes("stranger@example.com", "alias@example.com")
    for name in ["stranger", "alias"]:
        gate.mail_becomes(f"{name}@example.com", "sent", 2)
        one(server, f"{name}@example.com")


def step(test, *what):
    began = time.monotonic()
    test(*what)
    of = " (" + what[-1] + ")" if test is a_login_is_needed else ""
    print(f"ok: {test.__name__.replace('_', ' ')}{of} ({time.monotonic() - began:.1f} s)", flush=True)


def check(gate, work):
    mine, others = trustme.CA(), trustme.CA()
    mine.cert_pem.write_to_path(str(work / "ca.pem"))
    login = "gate%40example.com:hunter2%20%25%26%3A%2F%40%C3%9F"

    plain = MailServer()
    url = f"smtp://127.0.0.1:{plain.port}?tls=none"
    gate.start(url)
    gate.set_up()
    step(an_invitation_arrives_once_and_opens_the_door, gate, plain)
    step(names_add_neither_headers_nor_recipients, gate, plain)
    step(what_is_not_taken_is_tried_again_or_bounces, gate, plain)
    step(a_kill_loses_and_doubles_nothing, gate, plain, url)
    logs = gate.stop()

    for scheme, wrapped, mechanism in [("smtp", False, "LOGIN"), ("smtps", True, "PLAIN")]:
        context = tls_context(mine.issue_cert("localhost"))
        server = MailServer(context, wrapped, mechanism)
        gate.start(f"{scheme}://{login}@localhost:{server.port}")
        step(a_login_is_needed, gate, server, f"{scheme}@example.com", mechanism)
        if wrapped:
            step(a_server_that_nobody_vouches_for_gets_nothing, gate, server, context, mine, others)
        logs += gate.stop()
    assert "panicked" not in logs and "hunter2" not in logs, f"the log holds a panic or a password:\n{logs}"


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    gate, began = Gate(program, work), time.monotonic()
    try:
        check(gate, work)
    except AssertionError as error:
        print(f"failed: {error}\n\nThe end of scimgate's log:\n{gate.log.read_text()[-4000:]}", file=sys.stderr)
        sys.exit(1)
    finally:
        gate.stop()
    print(f"Every mail went as it should, in {time.monotonic() - began:.0f} s.")


main()
