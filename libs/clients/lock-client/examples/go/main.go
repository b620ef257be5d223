// One lock through the unary calls, from Go: locks 127.0.0.1:9090.
// README.md says how lockv1 is generated.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"example.com/windlass/locks/lockv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const key = "example/from-go"

func main() {
	address := "127.0.0.1:9090"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	if err := run(address); err != nil {
		log.Fatal(err)
	}
}

func run(address string) error {
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	locks := lockv1.NewLockServiceClient(connection)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	sentAt := time.Now()
	session, err := locks.OpenSession(ctx,
		&lockv1.OpenSessionRequest{TtlMs: 10_000, ClientName: "go example"})
	if err != nil {
		return err
	}
	held, stop := keepAlive(ctx, locks, session, sentAt)
	defer stop()

	// With a sequence the call may be repeated after a lost answer, and is carried out once.
	acquired, err := locks.Acquire(ctx, &lockv1.AcquireRequest{
		SessionId: session.SessionId,
		Sequence:  1,
		Acquire:   &lockv1.Acquire{Key: key, WaitMs: 5_000},
	})
	if err != nil {
		return err
	}
	token := acquired.Grant.Token
	fmt.Println("token", token)

	// Give the token to whatever the lock protects, and stop when held is done.
	if held.Err() != nil {
		return context.Cause(held)
	}
	validity, err := locks.Validate(ctx, &lockv1.ValidateRequest{Key: key, Token: token})
	if err != nil {
		return err
	}
	fmt.Println("valid", validity.Valid)

	if _, err = locks.Release(ctx, &lockv1.ReleaseRequest{
		SessionId: session.SessionId,
		Sequence:  2,
		Release:   &lockv1.Release{Key: key, Token: token},
	}); err != nil {
		return err
	}
	_, err = locks.CloseSession(ctx, &lockv1.CloseSessionRequest{SessionId: session.SessionId})
	fmt.Println("released")
	return err
}

// keepAlive renews the session. The context that it returns ends before the session can: its
// deadline counts from when the newest acknowledged renewal was sent, less 1 % + 50 ms for clocks.
func keepAlive(
	parent context.Context,
	locks lockv1.LockServiceClient,
	session *lockv1.OpenSessionResponse,
	sentAt time.Time,
) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	ttl := time.Duration(session.TtlMs) * time.Millisecond
	safe := ttl - ttl/100 - 50*time.Millisecond
	expiry := time.AfterFunc(time.Until(sentAt.Add(safe)), cancel)
	go func() {
		for ticker := time.NewTicker(ttl / 3); ; {
			select {
			case <-ctx.Done():
				ticker.Stop()
				return
			case <-ticker.C:
			}
			sentAt := time.Now()
			request := &lockv1.RenewSessionRequest{SessionId: session.SessionId}
			if _, err := locks.RenewSession(ctx, request); err == nil {
				expiry.Reset(time.Until(sentAt.Add(safe)))
			}
		}
	}()
	return ctx, func() { expiry.Stop(); cancel() }
}
