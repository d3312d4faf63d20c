# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service manager that is made up: answers GetAll on the socket below a test's root, as systemd does
on /run/systemd/private, from a dictionary that the test may change. Speaks as much of D-Bus as that
takes. Standard library only."""

import os
import re
import socket
import struct
import threading


def align(data, n):
    return data + b"\0" * (-len(data) % n)


def marshal_string(data, text):
    raw = text.encode()
    return align(data, 4) + struct.pack("<I", len(raw)) + raw + b"\0"


def marshal(data, sig, value):
    if sig in "so":
        return marshal_string(data, value)
    if sig in "ub":
        return align(data, 4) + struct.pack("<I", value)
    if sig == "i":
        return align(data, 4) + struct.pack("<i", value)
    if sig == "t":
        return align(data, 8) + struct.pack("<Q", value)
    if sig == "ay":
        return align(data, 4) + struct.pack("<I", len(value)) + value
    if sig == "as":
        data = align(data, 4)
        body = b""
        for item in value:
            body = marshal_string(body, item)
        return data + struct.pack("<I", len(body)) + body
    if sig == "(uo)":
        return marshal_string(align(data, 8) + struct.pack("<I", value[0]), value[1])
    raise ValueError(sig)


def marshal_properties(properties):
    """a{sv} of {name: (signature, value)}; the array begins at a multiple of 8."""
    body = b""
    for name, (sig, value) in properties.items():
        body = marshal_string(align(body, 8), name)
        body += bytes([len(sig)]) + sig.encode() + b"\0"
        body = marshal(body, sig, value)
    return struct.pack("<II", len(body), 0) + body  # the length, then up to a multiple of 8


class Manager:
    def __init__(self, path):
        self.units = {}
        self.socket = socket.socket(socket.AF_UNIX)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.socket.bind(path)
        self.socket.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def stop(self):
        self.socket.close()

    @staticmethod
    def authenticate(stream, client):
        stream.read(1)
        while True:
            line = stream.readline().strip()
            if line == b"BEGIN" or not line:
                return
            if line == b"AUTH EXTERNAL":
                client.sendall(b"DATA\r\n")
            elif line.startswith((b"AUTH EXTERNAL ", b"DATA")):
                client.sendall(b"OK " + b"0" * 32 + b"\r\n")
            elif line == b"NEGOTIATE_UNIX_FD":
                client.sendall(b"AGREE_UNIX_FD\r\n")
            else:
                client.sendall(b"ERROR\r\n")

    def talk(self, client):
        stream = client.makefile("rb")
        self.authenticate(stream, client)
        while True:
            head = stream.read(16)
            if len(head) < 16:
                return
            _, _, _, _, body_len, serial, fields_len = struct.unpack("<BBBBIII", head)
            fields = stream.read(fields_len + (-fields_len % 8))
            body = stream.read(body_len)
            client.sendall(self.answer(serial, fields, body))

    def answer(self, serial, fields, body):
        path = re.search(rb"/org/freedesktop/systemd1/unit/([A-Za-z0-9_]+)\0", fields)
        interface = body[4:4 + struct.unpack("<I", body[:4])[0]].decode() if body else ""
        name = re.sub("_([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), path[1].decode()) if path else ""
        unit = self.units.get(name, {})
        if interface.endswith(".Unit"):
            properties = {"LoadState": ("s", "not-found"), "ActiveState": ("s", "inactive"), **unit.get("Unit", {})}
        else:
            properties = unit.get("Service", {})
        out = marshal_properties(properties)
        header = struct.pack("<BBBBII", ord("l"), 2, 1, 1, len(out), serial)
        fields = bytes([5, 1]) + b"u\0" + struct.pack("<I", serial)
        fields = align(fields, 8) + bytes([8, 1]) + b"g\0" + bytes([5]) + b"a{sv}\0"
        return align(header + struct.pack("<I", len(fields)) + fields, 8) + out
