#!/bin/sh
# One lock, by hand: ./locks.sh 127.0.0.1:9090
# The node has reflection on, so grpcurl needs no .proto file. With TLS, leave -plaintext out.
set -eu
address=${1:-127.0.0.1:9090}

call() {
  grpcurl -plaintext -d "$2" "$address" "windlass.lock.v1.LockService/$1"
}

# The value of a field of one answer: grpcurl prints 64-bit numbers as strings.
field() {
  sed -n "s/.*\"$1\": \"\{0,1\}\([^\",]*\).*/\1/p"
}

session=$(call OpenSession '{"ttl_ms": 10000, "client_name": "grpcurl example"}' | field sessionId)
echo "session $session"

grant=$(call Acquire '{"session_id": '"$session"', "sequence": 1,
  "acquire": {"key": "example/by-hand", "wait_ms": 5000}}')
token=$(echo "$grant" | field token)
echo "token $token"

echo "valid $(call Validate '{"key": "example/by-hand", "token": '"$token"'}' | field valid)"

call Release '{"session_id": '"$session"', "sequence": 2,
  "release": {"key": "example/by-hand", "token": '"$token"'}}' >/dev/null
call CloseSession '{"session_id": '"$session"'}' >/dev/null
echo "released"
