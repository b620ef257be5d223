package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A year: these certificates belong to one machine's stack, whose data seldom lives longer.
const validity = 365 * 24 * time.Hour

// Clocks of a machine and its virtual machines may differ by minutes.
const clockSkew = time.Hour

// names collects a flag that may be given several times.
type names []string

func (list *names) String() string { return strings.Join(*list, ",") }

func (list *names) Set(name string) error {
	*list = append(*list, name)
	return nil
}

// authority signs the certificates of one folder.
type authority struct {
	folder      string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// runCertificates writes an authority (ca.crt, ca.key), certificates that it signed (NAME.crt,
// NAME.key) and bare key pairs (NAME.key, NAME.pub) into a folder. Every run makes new ones.
func runCertificates() int {
	var servers, clients, pairs names
	flags := flag.NewFlagSet("certificates", flag.ExitOnError)
	folder := flags.String("dir", "", "folder to write into; it must exist")
	flags.Var(&servers, "server", "NAME: a certificate for 127.0.0.1, localhost and in-cluster names")
	flags.Var(&clients, "client", "NAME=USER[,GROUP]: a certificate that identifies a client")
	flags.Var(&pairs, "key-pair", "NAME: a key pair without a certificate")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return 2
	}
	if err := writeAll(*folder, servers, clients, pairs); err != nil {
		fmt.Fprintln(os.Stderr, "certificates:", err)
		return 1
	}
	return 0
}

func writeAll(folder string, servers, clients, pairs names) error {
	if folder == "" {
		return errors.New("-dir is missing")
	}
	signer, err := newAuthority(folder)
	if err != nil {
		return err
	}
	for _, name := range servers {
		template, err := serverTemplate()
		if err != nil {
			return err
		}
		if err := signer.issue(name, template); err != nil {
			return err
		}
	}
	for _, client := range clients {
		name, subject, found := strings.Cut(client, "=")
		if !found {
			return fmt.Errorf("-client %q isn't NAME=USER[,GROUP]", client)
		}
		template, err := clientTemplate(strings.Cut(subject, ","))
		if err != nil {
			return err
		}
		if err := signer.issue(name, template); err != nil {
			return err
		}
	}
	for _, name := range pairs {
		if err := writeKeyPair(folder, name); err != nil {
			return err
		}
	}
	return nil
}

func newAuthority(folder string) (*authority, error) {
	template, err := baseTemplate("windlass local authority")
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	key, err := writeKey(folder, "ca")
	if err != nil {
		return nil, err
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(encoded)
	if err != nil {
		return nil, err
	}
	signer := &authority{folder, certificate, key}
	return signer, writePem(folder, "ca.crt", "CERTIFICATE", encoded, 0o644)
}

func (signer *authority) issue(name string, template *x509.Certificate) error {
	key, err := writeKey(signer.folder, name)
	if err != nil {
		return err
	}
	encoded, err := x509.CreateCertificate(
		rand.Reader, template, signer.certificate, key.Public(), signer.key)
	if err != nil {
		return err
	}
	return writePem(signer.folder, name+".crt", "CERTIFICATE", encoded, 0o644)
}

func serverTemplate() (*x509.Certificate, error) {
	template, err := baseTemplate("windlass local server")
	if err != nil {
		return nil, err
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	template.DNSNames = []string{
		"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
	}
	return template, nil
}

func clientTemplate(user, group string, grouped bool) (*x509.Certificate, error) {
	template, err := baseTemplate(user)
	if err != nil {
		return nil, err
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if grouped {
		template.Subject.Organization = []string{group}
	}
	return template, nil
}

func baseTemplate(commonName string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    now.Add(-clockSkew),
		NotAfter:     now.Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}, nil
}

func writeKeyPair(folder, name string) error {
	key, err := writeKey(folder, name)
	if err != nil {
		return err
	}
	encoded, err := x509.MarshalPKIXPublicKey(crypto.PublicKey(key.Public()))
	if err != nil {
		return err
	}
	return writePem(folder, name+".pub", "PUBLIC KEY", encoded, 0o644)
}

func writeKey(folder, name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePem(folder, name+".key", "PRIVATE KEY", encoded, 0o600)
}

func writePem(folder, file, kind string, encoded []byte, mode os.FileMode) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: encoded})
	return os.WriteFile(filepath.Join(folder, file), text, mode)
}
