"""Carries connections from one place to another: relay.py FROM=TO..., each `tcp:PORT` on loopback or `unix:PATH`.

Sockets that have a path cross network namespaces, so two of these join two of them. Stopped (SIGSTOP) it is a network
that is cut: connections stay up, and nothing arrives until it goes on.
"""

import os
import socket
import sys
import threading


def place(text):
    kind, where = text.split(":", 1)
    if kind == "tcp":
        return socket.AF_INET, ("127.0.0.1", int(where))
    return socket.AF_UNIX, where


def pump(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


def carry(connection, to):
    family, address = place(to)
    target = socket.socket(family)
    try:
        target.connect(address)
    except OSError:
        connection.close()
        target.close()
        return
    back = threading.Thread(target=pump, args=(target, connection), daemon=True)
    back.start()
    pump(connection, target)
    back.join()
    connection.close()
    target.close()


def serve(listening, to):
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=carry, args=(connection, to), daemon=True).start()


def main():
    for route in sys.argv[1:]:
        source, to = route.split("=", 1)
        family, address = place(source)
        listening = socket.socket(family)
        if family == socket.AF_INET:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        elif os.path.exists(address):
            os.unlink(address)
        listening.bind(address)
        listening.listen(64)
        threading.Thread(target=serve, args=(listening, to), daemon=True).start()
    threading.Event().wait()


main()
