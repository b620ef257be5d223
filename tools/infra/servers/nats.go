package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/nats-io/nats-server/v2/server"
)

// runNats does what nats-server's own main function does: that one can't be imported.
func runNats() int {
	flags := flag.NewFlagSet("nats-server", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: nats-server [-c FILE] [options]; see the server's own documentation")
	}
	options, err := server.ConfigureOptions(flags, os.Args[1:],
		server.PrintServerAndExit, flags.Usage, server.PrintTLSHelpAndDie)
	if err != nil {
		server.PrintAndDie(err.Error())
	}
	instance, err := server.NewServer(options)
	if err != nil {
		server.PrintAndDie(err.Error())
	}
	instance.ConfigureLogger()
	if err := server.Run(instance); err != nil {
		server.PrintAndDie(err.Error())
	}
	instance.WaitForShutdown()
	return 0
}
