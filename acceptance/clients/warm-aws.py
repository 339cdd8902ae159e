"""The aws command out of a process that has imported it already.

    warm-aws.py serve SOCKET    answers until its standard input is closed
    warm-aws.py SOCKET WORD...  runs the command, as `aws WORD...` would

Of the 0.9 s that a call of it takes, 0.7 s are imports. Each call is a fork that never ran a
command before, with the arguments, environment, folder and streams of whoever calls.
"""

import json
import os
import socket
import sys


def serve(path):
    import select
    import signal

    import awscli.clidriver
    import awscli.handlers  # noqa: F401, what every command imports as it starts

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [], 1)
        while reaped_one():
            pass
        if sys.stdin in readable:
            return
        if listener in readable:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                answer(connection, awscli.clidriver.main)
            connection.close()


def reaped_one():
    try:
        return os.waitpid(-1, os.WNOHANG)[0] > 0
    except ChildProcessError:
        return False


def answer(connection, command):
    size, streams, _, _ = socket.recv_fds(connection, 4, 3)
    call = json.loads(exactly(connection, int.from_bytes(size, "big")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # Set as it was imported: where the descriptions of all services are.
    data = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}
    os.environ.clear()
    os.environ.update({**data, **call["environment"]})
    os.chdir(call["folder"])
    sys.argv = ["aws", *call["words"]]
    try:
        status = command() or 0
    except SystemExit as exit:
        status = exit.code if isinstance(exit.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(bytes([status]))
    os._exit(status)


def exactly(connection, size):
    found = b""
    while len(found) < size:
        piece = connection.recv(size - len(found))
        if not piece:
            os._exit(1)
        found += piece
    return found


def ask(path, words):
    call = {"words": words, "environment": dict(os.environ), "folder": os.getcwd()}
    message = json.dumps(call).encode()
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    socket.send_fds(connection, [len(message).to_bytes(4, "big")], [0, 1, 2])
    connection.sendall(message)
    status = connection.recv(1)
    sys.exit(status[0] if status else 1)


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    ask(sys.argv[1], sys.argv[2:])
