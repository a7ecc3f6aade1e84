// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// LogHandler writes the client's log to Terraform's log, whose logger is in the context of each
// request.
type LogHandler struct{}

// Enabled returns true, because Terraform itself filters by TF_LOG.
func (LogHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements [slog.Handler].
func (LogHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := make(map[string]any, record.NumAttrs())
	record.Attrs(func(attr slog.Attr) bool {
		fields[attr.Key] = attr.Value.Any()
		return true
	})
	switch {
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, record.Message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, record.Message, fields)
	default:
		tflog.Debug(ctx, record.Message, fields)
	}
	return nil
}

// WithAttrs implements [slog.Handler]. The client does not use it.
func (h LogHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup implements [slog.Handler]. The client does not use it.
func (h LogHandler) WithGroup(string) slog.Handler { return h }
