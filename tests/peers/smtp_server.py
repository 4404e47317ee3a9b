"""aiosmtpd on a free port: prints `listening on PORT`, then each mail as a line of JSON. Wants a login, over TLS."""

import asyncio
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Printer:
    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode(),
            "is_encrypted": session.ssl is not None,
        }
        print("mail " + json.dumps(mail), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"edge", b"right")
    return AuthResult(success=is_right, handled=is_right)


certificate, key = sys.argv[1:3]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
controller = Controller(
    Printer(),
    hostname="127.0.0.1",
    port=int(sys.argv[3]),
    tls_context=context,
    require_starttls=True,
    authenticator=authenticate,
    auth_required=True,
)
controller.start()
print(f"listening on {controller.port}", flush=True)
asyncio.new_event_loop().run_forever()
