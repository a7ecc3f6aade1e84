// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/provider/shared"
)

const (
	defaultMaxRetries     = 6
	defaultRequestTimeout = 30 * time.Second
)

func (p *twilioProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data := &shared.ProviderData{UnknownAttribute: firstUnknown(req.Config.Raw)}
	if data.UnknownAttribute == "" {
		p.setUpClient(model, req.TerraformVersion, data, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

// firstUnknown returns the name of an attribute whose value is not known yet, or "".
func firstUnknown(config tftypes.Value) string {
	var values map[string]tftypes.Value
	_ = config.As(&values) // which is an object
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !values[name].IsKnown() {
			return name
		}
	}
	return ""
}

// settings are what distinguishes provider blocks.
type settings struct {
	credentials shared.Credentials
	baseURL     string
	retries     int
	timeout     time.Duration
}

// configureOnce reports whether these are the first settings of the process, or equal to them. The
// framework keeps only the data of the last provider block, so with -debug, all aliases would share
// it.
func (p *twilioProvider) configureOnce(s settings) bool {
	return p.settings.CompareAndSwap(nil, &s) || *p.settings.Load() == s
}

// setUpClient adds the client to the provider data. It sends no request.
func (p *twilioProvider) setUpClient(m providerModel, terraformVersion string, data *shared.ProviderData, diags *diag.Diagnostics) {
	data.Credentials = m.credentials(os.Getenv, diags)
	data.BaseURL = m.resolveBaseURL(os.Getenv, diags)
	if diags.HasError() {
		return
	}
	timeout := defaultRequestTimeout
	if !m.RequestTimeout.IsNull() {
		timeout, _ = time.ParseDuration(m.RequestTimeout.ValueString()) // validated by the schema
	}
	retries := defaultMaxRetries
	if !m.MaxRetries.IsNull() {
		retries = int(m.MaxRetries.ValueInt64())
	}
	if !p.configureOnce(settings{data.Credentials, data.BaseURL, retries, timeout}) {
		diags.AddError("Provider already configured differently",
			"This process already serves a provider block with other settings, "+
				"and would use one block's credentials and address for the resources of both. "+
				"Terraform starts a process for each provider block, except with -debug. "+
				"While you debug, use one provider block without aliases, and restart the provider after you change it.")
		return
	}
	var err error
	data.Client, err = client.New(client.Config{
		BaseURL:        data.BaseURL,
		Username:       data.Credentials.Username,
		Password:       data.Credentials.Password,
		UserAgent:      fmt.Sprintf("terraform-provider-twilio/%s (Terraform %s)", p.options.Version, terraformVersion),
		MaxRetries:     retries,
		RequestTimeout: timeout,
		Logger:         slog.New(shared.LogHandler{}),
		DialContext:    p.options.DialContext,
	})
	if err != nil {
		diags.AddError("Cannot set up the Verify client", err.Error())
	}
}

// resolveBaseURL returns the address of the API. The provider block takes precedence: if it sets a
// region or an edge that is not empty, TWILIO_VERIFY_BASE_URL is not used.
func (m providerModel) resolveBaseURL(getenv func(string) string, diags *diag.Diagnostics) string {
	raw, source := m.BaseURL.ValueString(), "base_url"
	if m.BaseURL.IsNull() && m.Region.ValueString() == "" && m.Edge.ValueString() == "" {
		raw, source = getenv("TWILIO_VERIFY_BASE_URL"), "TWILIO_VERIFY_BASE_URL"
	}
	if raw != "" || !m.BaseURL.IsNull() {
		if _, err := client.CheckBaseURL(raw); err != nil {
			diags.AddAttributeError(path.Root("base_url"), "Invalid base URL", fmt.Sprintf("%s is invalid: %s.", source, err))
		}
		return raw
	}
	region := cmp.Or(m.Region.ValueString(), getenv("TWILIO_REGION"))
	edge := cmp.Or(m.Edge.ValueString(), getenv("TWILIO_EDGE"))
	url, err := client.RegionURL(region, edge)
	if err != nil {
		diags.AddAttributeError(path.Root("region"), "Invalid region or edge",
			fmt.Sprintf("Invalid address: %s. Set region and edge in the provider block, or TWILIO_REGION and TWILIO_EDGE in the environment.", err))
	} else if region != "" && !strings.EqualFold(region, "us1") {
		diags.AddAttributeWarning(path.Root("region"), "Verify may not be available in this region",
			fmt.Sprintf("Twilio's availability page lists Verify only for region us1, but the provider is configured for %s. "+
				"Requests go to %s and need credentials for that region. "+
				"If the requests fail, remove region and edge (in the environment, TWILIO_REGION and TWILIO_EDGE) to use us1.", region, url))
	}
	return url
}
