"""An OPC UA server by others (asyncua) for the interop tests.

Offers None and Basic256Sha256 with Sign and SignAndEncrypt, anonymous users and the user `operator` / `secret`; with
--user-certificate FILE (DER) all policies with both modes, and the user who has that certificate too. With
--tell-clients it prints the SHA-256 of the certificate that each session shows.
In the object 2:Plant (of the namespace urn:test:plant): Counter, which grows by one every 20 ms from 1, and one node
per value of the type table. Prints the table's binary encodings, as asyncua makes them, before it says that it is ready.
"""

import argparse
import asyncio
import datetime
import json
import logging
import pathlib
import uuid

from asyncua import Server, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field
from asyncua.common.utils import ServiceError
from asyncua.ua.ua_binary import variant_to_binary
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

NAMESPACE = "urn:test:plant"
T = ua.VariantType
MOMENT = datetime.datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
VALUES = {
    "Boolean": ua.Variant(True, T.Boolean),
    "SByte": ua.Variant(-128, T.SByte),
    "Byte": ua.Variant(255, T.Byte),
    "Int16": ua.Variant(-32768, T.Int16),
    "UInt16": ua.Variant(65535, T.UInt16),
    "Int32": ua.Variant(-2147483648, T.Int32),
    "UInt32": ua.Variant(4294967295, T.UInt32),
    "Int64": ua.Variant(-9223372036854775808, T.Int64),
    "UInt64": ua.Variant(18446744073709551615, T.UInt64),
    "Float": ua.Variant(0.5, T.Float),
    "Double": ua.Variant(0.1, T.Double),
    "NaN": ua.Variant(float("nan"), T.Double),
    "String": ua.Variant("Größe 5 µm", T.String),
    "EmptyString": ua.Variant("", T.String),
    "DateTime": ua.Variant(MOMENT, T.DateTime),
    "Guid": ua.Variant(uuid.UUID("72962b91-fa75-4ae6-8d28-b404dc7daf63"), T.Guid),
    "ByteString": ua.Variant(b"\x00\x01\xfe\xff", T.ByteString),
    "XmlElement": ua.Variant(ua.XmlElement("<a>1</a>"), T.XmlElement),
    "NodeId": ua.Variant(ua.NodeId("Motor", 2), T.NodeId),
    "ExpandedNodeId": ua.Variant(ua.ExpandedNodeId(85, 0), T.ExpandedNodeId),
    "StatusCode": ua.Variant(ua.StatusCode(ua.StatusCodes.BadNodeIdUnknown), T.StatusCode),
    "QualifiedName": ua.Variant(ua.QualifiedName("Speed", 2), T.QualifiedName),
    "LocalizedText": ua.Variant(ua.LocalizedText("Druck", "de"), T.LocalizedText),
    "ExtensionObject": ua.Variant(ua.Range(Low=0.0, High=100.0), T.ExtensionObject),
    "Int32Array": ua.Variant([1, -2, 3], T.Int32),
    "EmptyArray": ua.Variant([], T.Int32, is_array=True),
    "StringArray": ua.Variant(["a", None, "ü"], T.String),
    "UInt64Array": ua.Variant([18446744073709551615], T.UInt64),
    "Matrix": ua.Variant([1, 2, 3, 4, 5, 6], T.Int16, Dimensions=[2, 3], is_array=True),
}


class Users:
    """Anonymous users and one with a password."""

    def get_user(self, _server, username=None, password=None, certificate=None):
        if username is None or (username == "operator" and password == "secret"):
            return User(role=UserRole.User)
        return None


def take_only(iserver, certificate):
    """Of the users with a certificate, lets in the one with this."""
    verify = iserver.verify_x509_token

    def verify_and_compare(session, token, signature):
        verified = verify(session, token, signature)
        if bytes(token.CertificateData) != certificate:
            raise ServiceError(ua.StatusCodes.BadIdentityTokenRejected)
        return verified

    iserver.verify_x509_token = verify_and_compare


async def tell_client(certificate, _application):
    print("client " + certificate.fingerprint(SHA256()).hex(":").upper(), flush=True)


async def add_types(server, index, add):
    """Variables of an enumeration and of structures that this server defines itself."""
    state = await new_enum(server, index, "MotorState", ["Stopped", "Running", "Broken"])
    fields = [new_struct_field("Name", T.String), new_struct_field("Position", T.Double)]
    axis, _ = await new_struct(server, index, "Axis", fields)
    motor, _ = await new_struct(server, index, "Motor", [
        new_struct_field("State", state),
        new_struct_field("Axes", axis, array=True),
        new_struct_field("Serial", T.UInt64),
        new_struct_field("Note", T.String, optional=True),
    ])
    await server.load_data_type_definitions()
    axes = [ua.Axis("x", 1.5), ua.Axis("y", -0.5)]
    value = ua.Motor(State=ua.MotorState.Running, Axes=axes, Serial=2**63, Note=None)
    await add("Motor", ua.Variant(value, T.ExtensionObject), motor.nodeid)
    await add("State", ua.Variant(2, T.Int32), state.nodeid)


async def add_nodes(server, arguments):
    for i in range(arguments.namespaces_before):
        await server.register_namespace(f"urn:test:before:{i}")
    index = await server.register_namespace(NAMESPACE)
    plant = await server.nodes.objects.add_object(ua.NodeId("Plant", index), ua.QualifiedName("Plant", index))

    async def add(name, variant, data_type=None):
        ids = ua.NodeId(name, index), ua.QualifiedName(name, index)
        return await plant.add_variable(*ids, variant, datatype=data_type)

    counter = await add("Counter", ua.Variant(0, T.UInt32))
    bad = await add("Bad", ua.Variant(7, T.Int32))
    await bad.write_value(
        ua.DataValue(ua.Variant(7, T.Int32), StatusCode=ua.StatusCode(0x8FFF0000), SourceTimestamp=MOMENT)
    )
    await add_types(server, index, add)
    for name, variant in VALUES.items():
        node = await add(name, variant)
        await node.write_value(ua.DataValue(variant, SourceTimestamp=MOMENT))
    return counter


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pki", type=pathlib.Path, required=True)
    parser.add_argument("--namespaces-before", type=int, default=0)
    parser.add_argument("--user-certificate", type=pathlib.Path)
    parser.add_argument("--tell-clients", action="store_true")
    arguments = parser.parse_args()

    server = Server(user_manager=Users())
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{arguments.port}")
    await server.set_application_uri("urn:test:asyncua")
    policies = ua.SecurityPolicyType
    server.set_security_policy(
        [policies.NoSecurity, policies.Basic256Sha256_Sign, policies.Basic256Sha256_SignAndEncrypt]
    )
    server.set_identity_tokens([ua.AnonymousIdentityToken, ua.UserNameIdentityToken])
    if arguments.user_certificate:
        server.set_security_policy(list(policies))
        server.set_identity_tokens([ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken])
        take_only(server.iserver, arguments.user_certificate.read_bytes())
    if arguments.tell_clients:
        server.set_certificate_validator(tell_client)
    arguments.pki.mkdir(parents=True, exist_ok=True)
    key, certificate = arguments.pki / "key.pem", arguments.pki / "certificate.der"
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    await setup_self_signed_certificate(key, certificate, "urn:test:asyncua", "127.0.0.1", usage, {"commonName": "asyncua"})
    await server.load_certificate(str(certificate))
    await server.load_private_key(str(key))
    counter = await add_nodes(server, arguments)
    print("table " + json.dumps({name: variant_to_binary(value).hex() for name, value in VALUES.items()}), flush=True)
    async with server:
        print("ready", flush=True)
        count = 0
        while True:
            await asyncio.sleep(0.02)
            count += 1
            await counter.write_value(count, T.UInt32)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main())
