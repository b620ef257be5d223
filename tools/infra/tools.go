//go:build tools

// Package infra pins the programs that have to be built from their own main packages.
package infra

import (
	_ "github.com/fullstorydev/grpcurl/cmd/grpcurl"
	_ "helm.sh/helm/v3/cmd/helm"
)
