"""One lock through the unary calls, from Python: python locks.py 127.0.0.1:9090.

README.md says how windlass.lock.v1 is generated.
"""

import sys
import threading
import time

import grpc
from windlass.lock.v1 import lock_pb2, lock_pb2_grpc

KEY = "example/from-python"


class Session:
    """A session that is renewed in the background; `held()` is false before it can end."""

    def __init__(self, locks, ttl_ms=10_000):
        self.locks = locks
        sent_at = time.monotonic()
        opened = locks.OpenSession(
            lock_pb2.OpenSessionRequest(ttl_ms=ttl_ms, client_name="python example"), timeout=5
        )
        self.id = opened.session_id
        # 1 % + 50 ms less than the TTL, because clocks differ.
        self.safe_seconds = opened.ttl_ms / 1000 * 0.99 - 0.05
        self.deadline = sent_at + self.safe_seconds
        self.closed = threading.Event()
        self.renewal = threading.Thread(
            target=self._renew, args=(opened.ttl_ms / 3000,), daemon=True
        )
        self.renewal.start()

    def held(self):
        return time.monotonic() < self.deadline

    def close(self):
        self.closed.set()
        self.renewal.join()
        self.locks.CloseSession(lock_pb2.CloseSessionRequest(session_id=self.id), timeout=5)

    def _renew(self, interval_seconds):
        while not self.closed.wait(interval_seconds):
            sent_at = time.monotonic()
            try:
                request = lock_pb2.RenewSessionRequest(session_id=self.id)
                self.locks.RenewSession(request, timeout=interval_seconds)
                # Counted from when it was sent, not from when the answer came.
                self.deadline = sent_at + self.safe_seconds
            except grpc.RpcError as error:
                print("renewal:", error.code(), file=sys.stderr)


def main(address):
    with grpc.insecure_channel(address) as channel:
        locks = lock_pb2_grpc.LockServiceStub(channel)
        session = Session(locks)
        try:
            # With a sequence the call may be repeated after a lost answer, and is done once.
            acquired = locks.Acquire(
                lock_pb2.AcquireRequest(
                    session_id=session.id,
                    sequence=1,
                    acquire=lock_pb2.Acquire(key=KEY, wait_ms=5_000),
                ),
                timeout=10,
            )
            token = acquired.grant.token
            print("token", token)
            if not session.held():
                raise RuntimeError("the session may have ended")
            validity = locks.Validate(lock_pb2.ValidateRequest(key=KEY, token=token), timeout=5)
            print("valid", str(validity.valid).lower())
            release = lock_pb2.Release(key=KEY, token=token)
            locks.Release(
                lock_pb2.ReleaseRequest(session_id=session.id, sequence=2, release=release),
                timeout=5,
            )
        finally:
            session.close()
        print("released")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9090")
