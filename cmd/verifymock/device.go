// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/seed-57355187/terraform-provider-twilio/internal/verifymock/device"
)

const deviceUsage = `Verifymock device simulates the phone of a push factor. Its key and factor are in a file that only you can read.

Usage:
  verifymock device key        print the public key for binding_public_key; create a key pair if there is none
  verifymock device register   create a push factor for the device, and verify it
  verifymock device attach     use a factor that was created with the device's public key, and verify it
  verifymock device list       print the pending challenges
  verifymock device approve    sign the approval of the oldest pending challenge, or of the one with -challenge
  verifymock device deny       sign its denial

key, register, and attach use the credentials in TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and
TWILIO_API_SECRET. register uses the access token in TWILIO_VERIFY_ACCESS_TOKEN instead if there is one. The other
commands log in with the device's key.

Flags:
`

// deviceOptions are the flags of "verifymock device".
type deviceOptions struct {
	file         string
	baseURL      string
	service      string
	identity     string
	friendlyName string
	factor       string
	challenge    string
	wait         time.Duration
	stdout       io.Writer
}

var deviceCommands = []string{"key", "register", "attach", "list", "approve", "deny"}

// runDevice runs a subcommand of "verifymock device".
func runDevice(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := &deviceOptions{stdout: stdout}
	flags := newFlagSet("verifymock device")
	flags.StringVar(&o.file, "file", "verifymock-device.json", "`file` with the device's key and factor")
	flags.StringVar(&o.baseURL, "base-url", cmp.Or(os.Getenv("TWILIO_VERIFY_BASE_URL"), "http://"+defaultAddr),
		"`URL` of the API, for key, register, and attach")
	flags.StringVar(&o.service, "service", "", "`SID` of the service")
	flags.StringVar(&o.identity, "identity", "", "`identity` of the entity")
	flags.StringVar(&o.friendlyName, "friendly-name", "Simulated phone", "`name` of the factor to register")
	flags.StringVar(&o.factor, "factor", "", "`SID` of the factor to attach")
	flags.StringVar(&o.challenge, "challenge", "", "`SID` of the challenge to approve or deny")
	flags.DurationVar(&o.wait, "wait", 0, "`duration` to wait for a challenge, such as 1m")

	name, rest := "", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, rest = args[0], args[1:]
	}
	err := flags.Parse(rest)
	if err == nil {
		err = o.check(name, flags.Args())
	}
	if err != nil {
		return reportUsage(flags, err, deviceUsage, stderr)
	}
	return o.run(ctx, name)
}

func (o *deviceOptions) run(ctx context.Context, command string) error {
	switch command {
	case "key":
		return o.key()
	case "register":
		return o.register(ctx)
	case "attach":
		return o.attach(ctx)
	case "list":
		return o.list(ctx)
	default:
		return o.respond(ctx, command == "approve")
	}
}

// check finds errors that the flags' types cannot.
func (o *deviceOptions) check(name string, rest []string) error {
	switch {
	case !slices.Contains(deviceCommands, name):
		return fmt.Errorf("unknown command %q: want one of %s", name, strings.Join(deviceCommands, ", "))
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: use flags only", rest[0])
	case (name == "register" || name == "attach") && (!servicePattern.MatchString(o.service) || o.identity == ""):
		return fmt.Errorf("%s requires -identity and -service; a service SID is VA and 32 hexadecimal digits", name)
	case name == "attach" && o.factor == "":
		return errors.New("attach requires -factor")
	case o.wait < 0:
		return errors.New("-wait must not be negative")
	}
	return nil
}

// credentials returns the credentials of the account in the environment.
func credentials() (device.Credentials, error) {
	for _, names := range [][2]string{{"TWILIO_API_KEY", "TWILIO_API_SECRET"}, {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"}} {
		c := device.Credentials{User: os.Getenv(names[0]), Password: os.Getenv(names[1])}
		if c.User != "" && c.Password != "" {
			return c, nil
		}
	}
	return device.Credentials{}, errors.New(
		"no credentials: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET")
}

// open returns the device in the file, or a new one if there is no file.
func (o *deviceOptions) open() (*device.Device, error) {
	d, err := device.Load(o.file)
	if errors.Is(err, os.ErrNotExist) {
		d, err = device.New(o.baseURL)
	}
	if err != nil {
		return nil, err
	}
	d.BaseURL = o.baseURL
	return d, nil
}

// load returns the device in the file, which must have been registered or attached.
func (o *deviceOptions) load() (*device.Device, error) {
	d, err := device.Load(o.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: register or attach a device first", err)
	}
	return d, err
}

func (o *deviceOptions) key() error {
	d, err := o.open()
	if err != nil {
		return err
	}
	publicKey, err := d.PublicKey()
	if err != nil {
		return err
	}
	if err := d.Save(o.file); err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.stdout, publicKey)
	return err
}

func (o *deviceOptions) register(ctx context.Context) error {
	c := device.AccessToken(os.Getenv("TWILIO_VERIFY_ACCESS_TOKEN"))
	if c.Password == "" {
		var err error
		if c, err = credentials(); err != nil {
			return err
		}
	}
	d, err := o.open()
	if err != nil {
		return err
	}
	err = d.Register(ctx, c, o.service, o.identity, o.friendlyName)
	return o.saveFactor(d, err)
}

func (o *deviceOptions) attach(ctx context.Context) error {
	c, err := credentials()
	if err != nil {
		return err
	}
	d, err := o.open()
	if err != nil {
		return err
	}
	err = d.Attach(ctx, c, o.service, o.identity, o.factor)
	return o.saveFactor(d, err)
}

// saveFactor saves the device and prints its factor. It also does so if the factor was created but
// could not be verified.
func (o *deviceOptions) saveFactor(d *device.Device, failure error) error {
	if err := errors.Join(failure, d.Save(o.file)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(o.stdout, "factor %s of %s is %s\n", d.Factor.SID, d.Factor.Identity, d.Factor.Status)
	return err
}

func (o *deviceOptions) list(ctx context.Context) error {
	d, err := o.load()
	if err != nil {
		return err
	}
	challenges, err := d.Pending(ctx)
	if err != nil {
		return err
	}
	if len(challenges) == 0 {
		_, err := fmt.Fprintln(o.stdout, "no challenge is pending")
		return err
	}
	for _, c := range challenges {
		if err := o.show(c); err != nil {
			return err
		}
	}
	return nil
}

func (o *deviceOptions) show(c device.Challenge) error {
	_, err := fmt.Fprintf(o.stdout, "%s until %s: %s\n", c.SID, c.ExpirationDate.Format(time.RFC3339), c.Details.Message)
	for _, field := range c.Details.Fields {
		if err == nil {
			_, err = fmt.Fprintf(o.stdout, "  %s: %s\n", field.Label, field.Value)
		}
	}
	return err
}

// respond approves or denies a challenge.
func (o *deviceOptions) respond(ctx context.Context, approve bool) error {
	d, err := o.load()
	if err != nil {
		return err
	}
	sid := o.challenge
	if sid == "" {
		c, err := o.oldest(ctx, d)
		if err != nil {
			return err
		}
		if err := o.show(c); err != nil {
			return err
		}
		sid = c.SID
	}
	act, status := d.Deny, "denied"
	if approve {
		act, status = d.Approve, "approved"
	}
	if err := act(ctx, sid); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.stdout, "challenge %s is %s\n", sid, status)
	return err
}

// oldest returns the oldest pending challenge. With -wait, it waits for one.
func (o *deviceOptions) oldest(ctx context.Context, d *device.Device) (device.Challenge, error) {
	if o.wait > 0 {
		ctx, cancel := context.WithTimeout(ctx, o.wait)
		defer cancel()
		return d.Wait(ctx)
	}
	challenges, err := d.Pending(ctx)
	if err != nil {
		return device.Challenge{}, err
	}
	if len(challenges) == 0 {
		return device.Challenge{}, errors.New("no challenge is pending; wait for one with -wait 1m")
	}
	return challenges[0], nil
}
