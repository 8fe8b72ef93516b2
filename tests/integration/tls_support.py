"""What the tests of TLS share: authorities, a client and an upstream under TLS."""

import pathlib
import shutil
import ssl
import tempfile

from certificates import Authority
from support import GatewayTest, RawClient, RecordingUpstream


def secure_client(gateway, context, name="gateway.test", session=None):
    """A RawClient whose connection is under TLS."""
    client = RawClient(gateway.port)
    client.socket = context.wrap_socket(client.socket, server_hostname=name, session=session)
    return client


class AuthoritiesTest(GatewayTest):
    """An authority that is trusted and one that nobody knows."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.authority = Authority(cls.folder / "authority")
        cls.stranger = Authority(cls.folder / "stranger")


class TlsTest(AuthoritiesTest):
    """A gateway under TLS, and clients that trust its authority."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate = cls.authority.issue("gateway.test")
        cls.other = cls.authority.issue("other", alternative_names="DNS:other.test,DNS:*.wild.test",
                                        together=True)

    def context(self, **settings):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        for name, value in settings.items():
            setattr(context, name, value)
        return context

    def tls_gateway(self, upstream, tls=None, **options):
        tls = {"certificates": [str(self.certificate), str(self.other)], **(tls or {})}
        gateway = self.gateway({"kwik": [upstream.url]}, start=False, **options)
        gateway.config["listeners"][0]["tls"] = tls
        gateway.write_config()
        return gateway.start()


class TlsUpstream(RecordingUpstream):
    """A RecordingUpstream under TLS. `names` are the server names that clients asked for."""

    def __init__(self, certificate, answer=None, client_authority=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.sni_callback = lambda connection, name, context: self.names.append(name)
        self.names = []
        if client_authority is not None:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client_authority)
        super().__init__(answer)

    def _serve(self, connection, number):
        try:
            secure = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
        super()._serve(secure, number)
