// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
)

// validatorOf validates a part of an identity.
func validatorOf(p client.Parameter) validator.String {
	_, what, isSID := strings.Cut(p.Noun, "SID of a")
	switch {
	case p.Name == "service_sid":
		return ServiceSID()
	case isSID:
		return SID(strings.TrimPrefix(strings.TrimPrefix(what, "n"), " "), p.Example[:2])
	case p.Name == "identity":
		return Identity()
	default:
		return stringvalidator.RegexMatches(p.Pattern, "must be "+p.Noun+", such as "+p.Example)
	}
}

// containerAttributes returns the attributes that say what contains the objects of a data source.
func (d *Declaration[M, T]) containerAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, part := range d.init().identity[:len(d.identity)-1] {
		attributes[part.Name] = Required(d.Descriptions[part.Name], validatorOf(part))
	}
	return attributes
}

// selection returns the attributes that select objects of a list: those of a container, or only those
// with a name.
func (d *Declaration[M, T]) selection() map[string]schema.Attribute {
	attributes := d.containerAttributes()
	if d.hasStringLabel() {
		attributes[d.Label] = Optional("Restricts the result to "+d.Plural+" with exactly this name.", stringvalidator.LengthAtLeast(1))
	}
	return attributes
}

// hasLabel reports whether objects have a name that is not a part of their identity.
func (d *Declaration[M, T]) hasLabel() bool { return d.Label != d.ownPart() }

// managedDataSource reads one object of a [Declaration].
type managedDataSource[M, T any] struct {
	DataSource

	def *Declaration[M, T]
}

var _ datasource.DataSourceWithConfigValidators = (*managedDataSource[*struct{}, *struct{}])(nil)

// NewDataSource returns the data source for one object, by its identity or its label.
func (d *Declaration[M, T]) NewDataSource() datasource.DataSource {
	return &managedDataSource[M, T]{DataSource{TypeName: d.init().TypeName}, d}
}

// Schema implements [datasource.DataSource].
func (s *managedDataSource[M, T]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	d := s.def
	attributes := readAttributes(d.Schema(), d.Descriptions)
	maps.Copy(attributes, d.containerAttributes())
	own := d.identity[len(d.identity)-1]
	key := schema.StringAttribute{
		Required: !d.hasLabel(), Optional: d.hasLabel(), Computed: d.hasLabel(),
		MarkdownDescription: d.Descriptions[own.Name], Validators: []validator.String{validatorOf(own)},
	}
	by := "its `" + own.Name + "`"
	if d.hasLabel() {
		key.MarkdownDescription += " Set either this or `" + d.Label + "`."
		by += " or `" + d.Label + "`"
		attributes[d.Label] = d.labelAttribute(attributes[d.Label])
	}
	attributes[own.Name] = key
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one " + d.Noun.Name + " by " + by + ". It is an error if there is not exactly one.",
		Attributes:          attributes,
	}
}

// labelAttribute returns the label as an attribute by which to find an object.
func (d *Declaration[M, T]) labelAttribute(computed schema.Attribute) schema.Attribute {
	description := d.Descriptions[d.Label] + " There must be exactly one " + d.Noun.Name + " with it."
	if computed.GetType().Equal(types.Int64Type) {
		return schema.Int64Attribute{Optional: true, Computed: true, MarkdownDescription: description}
	}
	return schema.StringAttribute{
		Optional: true, Computed: true, MarkdownDescription: description,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// ConfigValidators implements [datasource.DataSourceWithConfigValidators].
func (s *managedDataSource[M, T]) ConfigValidators(context.Context) []datasource.ConfigValidator {
	if !s.def.hasLabel() {
		return nil
	}
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot(s.def.ownPart()), path.MatchRoot(s.def.Label))}
}

// Read implements [datasource.DataSource].
func (s *managedDataSource[M, T]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d, diags := s.def, &resp.Diagnostics
	config := d.codec.Read(ctx, req.Config.Raw, diags)
	if diags.HasError() || !s.Ready(diags) {
		return
	}
	object := s.read(ctx, config, diags)
	if isNil(object) {
		return
	}
	d.Refresh(ctx, config, object, diags)
	d.codec.WriteAs(ctx, config, resp.State.Schema.Type().TerraformType(ctx), &resp.State.Raw, diags)
}

// read returns the configured object, or adds an error and returns nil.
func (s *managedDataSource[M, T]) read(ctx context.Context, config M, diags *diag.Diagnostics) (object T) {
	d := s.def
	if d.codec.Get(config, d.ownPart()).IsNull() {
		return d.find(ctx, s.ProviderData, config, diags)
	}
	object, err := d.Kind.Fetch(ctx, s.Client, d.Path(config)...)
	if err != nil {
		subject := d.Subject("read", config)
		subject.NotFoundAttribute = d.ownPart()
		diags.Append(s.ErrorDiagnostic(err, subject))
	}
	return object
}

// ManagedListDataSource reads all objects of a container of a [Declaration]. A noun that needs more
// embeds it and overrides one method.
type ManagedListDataSource[M, T any] struct {
	DataSource

	def *Declaration[M, T]
}

// NewListDataSource returns a constructor of the data source for all objects of a container. The
// list is in an attribute with the name of the list in the API.
func (d *Declaration[M, T]) NewListDataSource(typeName string) func() datasource.DataSource {
	return func() datasource.DataSource { return d.NewManagedListDataSource(typeName) }
}

// NewManagedListDataSource returns the data source for all objects, for a noun that embeds it.
func (d *Declaration[M, T]) NewManagedListDataSource(typeName string) *ManagedListDataSource[M, T] {
	return &ManagedListDataSource[M, T]{DataSource{TypeName: typeName}, d.init()}
}

// Schema implements [datasource.DataSource].
func (s *ManagedListDataSource[M, T]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	d := s.def
	attributes := d.selection()
	attributes["limit"], attributes["page_size"] = Limit(d.Plural), PageSize(d.Plural, "Defaults to 50, Twilio's default.")
	attributes[d.Kind.List] = schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: "The " + d.Plural + ".",
		NestedObject: schema.NestedAttributeObject{Attributes: readAttributes(d.Schema(), d.Descriptions)},
	}
	which := "of the account"
	if parts := d.identity[:len(d.identity)-1]; len(parts) > 0 {
		which = "with the given `" + parts[len(parts)-1].Name + "`"
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads all " + d.Plural + " " + which + ", in the order of Twilio's API.",
		Attributes:          attributes,
	}
}

// hasStringLabel reports whether objects can be selected by a name.
func (d *Declaration[M, T]) hasStringLabel() bool {
	return d.hasLabel() && d.codec.Type(d.Label).Equal(types.StringType)
}

// Read implements [datasource.DataSource].
func (s *ManagedListDataSource[M, T]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d, diags := s.def, &resp.Diagnostics
	config := d.codec.Read(ctx, req.Config.Raw, diags)
	var limit, pageSize types.Int64
	diags.Append(req.Config.GetAttribute(ctx, path.Root("limit"), &limit)...)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("page_size"), &pageSize)...)
	if diags.HasError() || !s.Ready(diags) {
		return
	}
	object := resp.State.Schema.Type().TerraformType(ctx).(tftypes.Object) //nolint:forcetypeassert // the type of a schema is an object
	list := object.AttributeTypes[d.Kind.List]
	elements := []tftypes.Value{}
	for _, o := range d.listing(ctx, s.ProviderData, config).All(s.ProviderData, limit, pageSize, diags) {
		m := d.newModel(ctx, config, diags)
		d.Refresh(ctx, m, o, diags)
		var element tftypes.Value
		d.codec.WriteAs(ctx, m, list.(tftypes.List).ElementType, &element, diags) //nolint:forcetypeassert // see Schema
		elements = append(elements, element)
	}
	if diags.HasError() {
		return
	}
	var values map[string]tftypes.Value
	if err := req.Config.Raw.As(&values); err != nil {
		diags.AddError("Unexpected data from Terraform", err.Error())
		return
	}
	values[d.Kind.List] = tftypes.NewValue(list, elements)
	resp.State.Raw = tftypes.NewValue(object, values)
}

// Limit returns the attribute limit of a data source that lists objects, such as "factors".
func Limit(objects string) schema.Attribute {
	return Number("Maximum number of "+objects+" to read, at least 1. Defaults to all.", int64validator.AtLeast(1))
}

// PageSize returns the attribute page_size of a data source that lists objects.
func PageSize(objects, defaultText string) schema.Attribute {
	return Number("Number of "+objects+" to fetch with each request, 1 to 1,000. "+defaultText,
		int64validator.Between(1, client.MaxPageSize))
}

// find returns the only object that has exactly the configured label. If there is none, or more than
// one, it returns nil and adds an error that lists the candidates.
func (d *Declaration[M, T]) find(ctx context.Context, data *ProviderData, config M, diags *diag.Diagnostics) (one T) {
	var all, found []T
	container, label, listing := d.Container(config), d.text(config, d.Label).ValueString(), d.listing(ctx, data, config)
	for object, err := range listing.Objects(client.MaxPageSize) {
		if err != nil {
			diags.Append(data.ErrorDiagnostic(err, listing.Subject))
			return one
		}
		all = append(all, object)
		if sameName(d.Kind.Text(object, d.Label), label) {
			found = append(found, object)
		}
	}
	switch len(found) {
	case 1:
		return found[0]
	case 0:
		diags.AddAttributeError(path.Root(d.Label), sentence(d.Noun.Name)+" not found",
			fmt.Sprintf("No %s has exactly the %s %q. %s has %s. Check it, and that the credentials (%s) belong to the account of the %s.",
				d.Noun.Name, d.Label, label, sentence(d.describeContainer(container)), d.candidates(all), data.Credentials.Source, d.Noun.Name))
	default:
		diags.AddAttributeError(path.Root(d.Label), fmt.Sprintf("Several %s have this name", d.Plural),
			fmt.Sprintf("%d %s are named %q: %s. Set sid to the right one, instead of %s.",
				len(found), d.Plural, label, d.candidates(found), d.Label))
	}
	return one
}

// sameName reports whether an object has exactly the configured name. Terraform normalizes all text
// to NFC, but Twilio may have the same name in another form, such as NFD.
func sameName(name, configured string) bool {
	return norm.NFC.String(name) == norm.NFC.String(configured)
}

// maxCandidates is how many objects an error lists at most.
const maxCandidates = 20

// candidates returns a list of objects for an error.
func (d *Declaration[M, T]) candidates(objects []T) string {
	if len(objects) == 0 {
		return "no " + d.Plural
	}
	var texts []string
	for i, object := range objects {
		if i == maxCandidates {
			texts = append(texts, fmt.Sprintf("and %d more", len(objects)-i))
			break
		}
		texts = append(texts, client.Text(fmt.Sprintf("%s (%q, created %s)",
			d.Kind.Text(object, "sid"), d.Kind.Text(object, d.Label), d.Kind.Text(object, "date_created"))))
	}
	return strings.Join(texts, ", ")
}
