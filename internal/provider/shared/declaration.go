// SPDX-License-Identifier: MPL-2.0

package shared

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-57355187/terraform-provider-twilio/internal/client"
	"github.com/seed-57355187/terraform-provider-twilio/internal/fwshim"
)

// Declaration describes a noun: T points to the API's object, and M to the model, a struct of
// framework values. All pointers share the compiled code. The resource, the data sources, and the
// list resource follow from the declaration, because an attribute has the name of a field in the
// API's JSON, and the resource identity consists of the parameters of the route.
type Declaration[M, T any] struct {
	// TypeName is the name of the resource, the list resource, and the data source for one object.
	TypeName string
	Kind     *client.Kind[T]
	// Noun says what to do about errors. Its attributes follow from the fields of T, except where
	// Twilio's messages use other words, and its name and Plural from Kind.
	Noun   Noun
	Plural string
	// Label is the attribute by which people recognize an object, such as "friendly_name". In a query,
	// the attribute Variant follows it, if there is one.
	Label, Variant string
	// Description describes the resource, and Attributes are its attributes. Those that say what
	// contains the object, and those that only Twilio sets, follow from Kind unless they are set.
	Description string
	Attributes  map[string]schema.Attribute
	// Descriptions describes the attributes that the API returns. A data source has these
	// attributes. Those that most kinds of objects have are described unless they are set. In the
	// resource, an attribute has its description here, then a space and its own, which adds what the
	// configuration can do. An attribute that is not here has only its own description.
	Descriptions map[string]string
	// Deleted says what happens after an object was deleted outside Terraform.
	Deleted func(m M) string
	// Sources are the resource types of other providers whose state can be moved.
	Sources []Source

	// Same compares values of attributes that Twilio may spell in another way, as texts. The state
	// keeps the spelling of the configuration. It is not a custom type with semantic equality, because
	// the framework writes the values of such a type to the log.
	Same map[string]func(a, b []string) bool
	// WriteOnly maps write-only attributes to parameters. They are sent when the attribute Version
	// changes. An attribute that has the same name without "_wo" is then null.
	WriteOnly map[string]string
	Version   string

	// Plan checks and completes the plan of a create or an update. It may be nil.
	Plan func(ctx context.Context, c Change[M], diags *diag.Diagnostics)
	// Refreshed completes a model that has the values of a response. It may be nil.
	Refreshed func(m M, diags *diag.Diagnostics)
	// Stored is called with the response to a create or an update. It may be nil.
	Stored func(ctx context.Context, d *ProviderData, c Change[M], object T, diags *diag.Diagnostics)
	// Objects iterates over the objects of the container in a configuration. It finds none in a
	// container that does not exist, unless the service does not exist either. If it is nil, the API
	// has a list of them.
	Objects func(ctx context.Context, d *ProviderData, config M, pageSize int) iter.Seq2[T, error]

	once       sync.Once
	schema     schema.Schema
	codec      *fwshim.Codec[M]
	identity   ResourceIdentity
	attributes map[string]bool
	sensitive  []string
	writeOnly  []string
}

// Change is the plan, the configuration, and the prior state of an object, as Terraform passes them
// to ModifyPlan, Create, and Update.
type Change[M any] struct {
	Plan, Config M
	// State is nil if the object is to be created.
	State   M
	Private PrivateState
}

// PrivateState is the private state of a resource. Values are JSON. A key with an empty value is
// absent.
type PrivateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// init derives what follows from the declaration, on first use.
func (d *Declaration[M, T]) init() *Declaration[M, T] {
	d.once.Do(func() {
		d.codec, d.identity, d.attributes = fwshim.NewCodec[M](d.Schema), d.Kind.Path, map[string]bool{}
		d.Noun.Name = cmp.Or(d.Noun.Name, d.Kind.Noun)
		d.Plural = cmp.Or(d.Plural, strings.ReplaceAll(d.Kind.List, "_", " "))
		d.Descriptions = d.describeAll()
		d.schema = schema.Schema{MarkdownDescription: d.Description, Attributes: d.allAttributes()}
		for name, attribute := range d.schema.Attributes {
			d.attributes[name] = true
			if attribute.IsSensitive() {
				d.sensitive = append(d.sensitive, name)
			}
			if attribute.IsWriteOnly() {
				d.writeOnly = append(d.writeOnly, name)
			}
		}
		d.Noun.AttributeByParameter = parameterAttributes(d.Kind.Fields(), d.Noun.AttributeByParameter)
	})
	return d
}

// Schema returns the resource's schema.
func (d *Declaration[M, T]) Schema() schema.Schema { return d.init().schema }

// CompleteNoun returns the noun with what follows from Kind.
func (d *Declaration[M, T]) CompleteNoun() *Noun { return &d.init().Noun }

// Codec returns the codec for models.
func (d *Declaration[M, T]) Codec() *fwshim.Codec[M] { return d.init().codec }

// parameterAttributes adds the attribute of each parameter to others, longer names first. Twilio's
// messages may leave out the group of a parameter, as in "CodeLength" for "Totp.CodeLength".
func parameterAttributes(fields []client.Field, others []ParameterAttribute) []ParameterAttribute {
	attributes := slices.Clone(others)
	const tooShort = 5 // such a name is a common word as well
	for _, field := range fields {
		name := strings.ToLower(field.Parameter)
		_, short, grouped := strings.Cut(name, ".")
		if name != "" {
			attributes = append(attributes, ParameterAttribute{separators.Replace(name), field.Attribute})
		}
		if grouped && len(short) > tooShort {
			attributes = append(attributes, ParameterAttribute{separators.Replace(short), field.Attribute})
		}
	}
	slices.SortStableFunc(attributes, func(a, b ParameterAttribute) int { return cmp.Compare(len(b.Parameter), len(a.Parameter)) })
	return attributes
}

// Path returns the values of the resource identity, which are those in the path of the object. One
// that is null or unknown is "".
func (d *Declaration[M, T]) Path(m M) []string {
	path := make([]string, len(d.init().identity))
	for i, part := range d.identity {
		path[i] = d.text(m, part.Name).ValueString()
	}
	return path
}

// ImportID returns the import ID of the object.
func (d *Declaration[M, T]) ImportID(m M) string { return strings.Join(d.Path(m), "/") }

// Container returns the values in the path of the list that contains the object.
func (d *Declaration[M, T]) Container(m M) []string { return d.Path(m)[:len(d.identity)-1] }

// ownPart is the name of the last part of the identity.
func (d *Declaration[M, T]) ownPart() string { return d.identity[len(d.identity)-1].Name }

// text returns an attribute as text. It is null if the attribute is null or unknown, or if the
// model does not have it.
func (d *Declaration[M, T]) text(m M, name string) types.String {
	value := d.codec.Get(m, name)
	if value == nil || !IsKnown(value) {
		return types.StringNull()
	}
	return types.StringValue(strings.Join(texts(value), ", "))
}

// name returns the SID of an object, or the last part of its identity if it has no SID.
func (d *Declaration[M, T]) name(m M) string {
	return cmp.Or(d.text(m, "sid").ValueString(), d.text(m, d.ownPart()).ValueString())
}

// title returns the label of an object, followed by its variant.
func (d *Declaration[M, T]) title(m M, format string) string {
	title := fmt.Sprintf(format, client.Text(d.text(m, d.Label).ValueString()))
	if d.Variant != "" {
		title += " (" + client.Text(d.text(m, d.Variant).ValueString()) + ")"
	}
	return title
}

// describe identifies an object in a message.
func (d *Declaration[M, T]) describe(m M) string {
	var names []string
	if sid := d.text(m, "sid"); !sid.IsNull() {
		names = append(names, sid.ValueString())
	}
	switch {
	case !d.text(m, d.Label).IsNull():
		names = append(names, d.title(m, "%q"))
	case len(names) == 0: // a new push credential needs no name
		names = append(names, "one without a "+d.Label+",")
	}
	return strings.Join(names, ", ") + " of " + d.describeContainer(d.Container(m))
}

// describeContainer describes what contains an object, from the inside to the outside.
func (d *Declaration[M, T]) describeContainer(container []string) string {
	if len(container) == 0 {
		return "the account"
	}
	var texts []string
	for i, value := range slices.Backward(container) {
		noun, isSID := strings.CutPrefix(d.Kind.Path[i].Noun, "the SID of ")
		if !isSID {
			value = strconv.Quote(value)
		}
		_, noun, _ = strings.Cut(noun, " ") // without the article
		texts = append(texts, noun+" "+value)
	}
	return strings.Join(texts, " in ")
}

// Subject describes an object, or a new one, for an error about an operation such as "update".
func (d *Declaration[M, T]) Subject(verb string, m M) Subject {
	noun := d.init().Noun
	s := Subject{
		Noun: &noun, Summary: "Cannot " + verb + " the " + noun.Name, What: d.describe(m), Attributes: d.attributes,
		Instead: map[string]string{},
	}
	for name := range d.replaced(m) {
		s.Instead[name] = name + "_wo"
	}
	switch {
	case verb == "create" && len(d.identity) > 1:
		s.NotFoundAttribute = d.identity[len(d.identity)-2].Name
	case verb != "create" && noun.NotFound == "":
		noun.NotFound = "If the " + noun.Name + " was deleted in the meantime, plan again."
	}
	return s
}

// listSubject describes a list request for an error.
func (d *Declaration[M, T]) listSubject(container []string) Subject {
	if i := slices.Index(container, ""); i > 0 { // the objects of all such containers
		container = container[:i]
	}
	s := Subject{
		Noun: &d.Noun, Summary: "Cannot list the " + d.Plural, What: "the " + d.Plural + " of " + d.describeContainer(container),
		Attributes: map[string]bool{},
	}
	for _, part := range d.identity[:len(container)] {
		s.NotFoundAttribute, s.Attributes[part.Name] = part.Name, true
	}
	if d.Objects != nil { // for which only a missing service is an error
		s.NotFoundAttribute = d.identity[0].Name
	}
	return s
}

// isImported reports whether a model has nothing but the identity from an import.
func (d *Declaration[M, T]) isImported(m M) bool { return d.text(m, "id").IsNull() }

// warnDeleted warns that an object was deleted outside Terraform. It does not warn during an
// import, when the object was never in the state.
func (d *Declaration[M, T]) warnDeleted(m M, diags *diag.Diagnostics) {
	if d.isImported(m) {
		return
	}
	diags.AddWarning(sentence(d.Noun.Name)+" deleted outside Terraform",
		fmt.Sprintf("%s %s no longer exists. %s", sentence(d.Noun.Name), d.describe(m), d.Deleted(m)))
}

// isNil reports whether a pointer is nil.
func isNil[P any](pointer P) bool { return reflect.ValueOf(pointer).IsNil() }
