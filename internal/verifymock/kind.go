// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is a kind of object that is declared: the table says what Twilio's API has, and the code in
// this file does it.
type Kind string

// Operation returns an operation on objects of the kind: create, fetch, list, update, or delete.
func (k Kind) Operation(verb string) Operation {
	switch {
	case k == Services && verb == "fetch":
		return OperationService
	case k == Factors:
		return Operation(verb)
	}
	return Operation(string(k) + "-" + verb)
}

// kind is the declaration of a kind of object.
type kind struct {
	name     Kind
	prefix   string // of SIDs, "" if the objects have none
	template string // of the path of one object
	fields   []field
	links    []string                      // parts of paths below that of the object
	verbs    []string                      // of the declared routes; nil for all
	maxPage  int                           // objects on a page; 0 for 1000
	filters  []field                       // parameters of the list, most of which select objects by their values
	most     func(Config) (int, *apiError) // number of objects in a container, and the error for more; 0 for any number

	// check refuses an object before it is stored, or completes it.
	check func(*Server, *call, Object) *apiError
	// shows reports whether a call may see an object. It may be nil.
	shows func(*Server, *call, Object) bool
	// wire completes a response.
	wire func(*Server, *call, Object, map[string]any)
	// event returns the webhook event about an object that was created or deleted. It may be nil.
	event func(verb string) string

	// The following fields are derived from the others.
	parent   *kind
	contains bool     // objects of other kinds
	list     string   // path of the list
	listKey  string   // in the response
	identity []string // names of the values in the path
}

// field is a value of an object. The name of its parameter is its own in camel case.
type field struct {
	name       string
	create     use
	update     use
	valid      func(string) bool // of each value of the parameter
	typ        fieldType
	empty      empty
	value      any       // of a new object, if the parameter is left out
	sample     any       // of an object that a test adds; %d is its number
	secret     bool      // never returned
	factorType string    // of the factors that have it, "" for all
	taken      *apiError // if an object in the same container has the value; nil if it may
	invalid    *apiError // for an invalid value; nil for that of other parameters
}

type fieldType int

const (
	asText fieldType = iota
	asInteger
	asBool
	asList      // a parameter that may be repeated
	asCommaList // a list in one parameter
)

// empty is the meaning of an empty value of a parameter.
type empty int

const (
	emptyInvalid empty = iota
	emptyClears
	emptyKept // returned as it is
)

// kinds has the declarations, containers first.
var kinds = declare(
	serviceKind, entityKind, factorKind, challengeKind, accessTokenKind, webhookKind, rateLimitKind, bucketKind,
	messagingConfigurationKind, templateKind, credentialKind,
)

func declare(kinds ...*kind) []*kind {
	for _, k := range kinds {
		k.list = k.template[:strings.LastIndex(k.template, "/")]
		k.listKey = snakeCase(k.list[strings.LastIndex(k.list, "/")+1:])
		k.identity = parameters(k.template)
		if last := len(k.identity) - 1; strings.HasSuffix(k.identity[last], "sid") {
			k.identity[last] = "sid"
		}
		for _, p := range kinds {
			if same := parameter.ReplaceAllString(p.template, "{}") + "/"; strings.HasPrefix(parameter.ReplaceAllString(k.list, "{}"), same) {
				k.parent, p.contains = p, true
			}
		}
	}
	return kinds
}

var parameter = regexp.MustCompile(`\{\w+\}`)

// parameters returns the names of a template's parameters as they are in an object.
func parameters(template string) []string {
	var names []string
	for part := range strings.SplitSeq(template, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, snakeCase(strings.Trim(part, "{}")))
		}
	}
	return names
}

func kindOf(name Kind) *kind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	panic("verifymock: no kind " + string(name))
}

// counted returns what the numbers of new objects are counted by.
func (k *kind) counted() string { return cmp.Or(k.prefix, string(k.name)) }

// id returns the ID of an object for tests.
func (k *kind) id(o Object) string {
	var values []string
	for _, name := range k.identity {
		values = append(values, o.Text(name))
	}
	if slices.Contains(k.identity, "sid") {
		return values[len(values)-1]
	}
	return strings.Join(values, "/")
}

// path returns the path of an object.
func (k *kind) path(value func(string) string) string {
	parts, names := strings.Split(k.template, "/"), k.identity
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i], names = value(names[0]), names[1:]
		}
	}
	return strings.Join(parts, "/")
}

// key returns the path by which an object is found. Identities are case-insensitive.
func (k *kind) key(value func(string) string) string {
	return k.path(func(name string) string {
		if name == "identity" {
			return strings.ToLower(value(name))
		}
		return value(name)
	})
}

// routes returns the routes of the kind.
func (k *kind) routes() []*route {
	list := on(k.name.Operation("list"), k.list, k.listAll)
	list.maxPage = k.maxPage
	for _, f := range k.filters {
		list.query = append(list.query, camelCase(f.name))
	}
	declared := map[string]*route{
		"list":   list,
		"create": on(k.name.Operation("create"), k.list, k.create),
		"fetch":  on(k.name.Operation("fetch"), k.template, found(k.find, k.fetch)),
		"update": on(k.name.Operation("update"), k.template, found(k.find, k.update)),
		"delete": on(k.name.Operation("delete"), k.template, found(k.find, k.remove)),
	}
	verbs := k.verbs
	if verbs == nil {
		verbs = []string{"list", "create", "fetch", "delete"}
		if slices.ContainsFunc(k.fields, func(f field) bool { return f.update != refused }) {
			verbs = append(verbs, "update")
		}
	}
	var routes []*route
	for _, verb := range verbs {
		routes = append(routes, declared[verb])
	}
	return routes
}

// listPath returns the path of the list of the call's objects, as in the paths of the objects.
func (k *kind) listPath(c *call) string {
	path := k.key(func(name string) string { return c.path[camelCase(name)] })
	return path[:strings.LastIndex(path, "/")]
}

// contained refuses a call whose container does not exist.
func (k *kind) contained(s *Server, c *call) *apiError {
	if list := k.listPath(c); k.parent != nil && s.state.objects[list[:strings.LastIndex(list, "/")]] == nil {
		return errNotFound(c.logged.Path)
	}
	return nil
}

// find returns the object in the call's path.
func (k *kind) find(s *Server, c *call) (*record, *apiError) {
	key := k.key(func(name string) string { return cmp.Or(c.path[camelCase(name)], c.path["ServiceSid"]) })
	o := s.state.objects[key]
	if o == nil || o.Text("account_sid") != c.account.SID || c.hides(o) || k.shows != nil && !k.shows(s, c, o.Object) {
		return nil, errNotFound(c.logged.Path)
	}
	return o, nil
}

func (k *kind) create(s *Server, c *call) (any, *apiError) {
	if refusal := cmp.Or(k.contained(s, c), checkForm(c.form, k.fields, field.onCreate)); refusal != nil {
		return nil, refusal
	}
	o := Object{"account_sid": c.account.SID, "date_created": c.now}
	for _, name := range k.identity[:len(k.identity)-1] {
		o[name] = c.path[camelCase(name)]
	}
	if refusal := k.set(s, c, o, nil); refusal != nil {
		return nil, refusal
	}
	if k.most != nil {
		if most, refusal := k.most(s.config); most > 0 && len(s.state.lists[k.listPath(c)]) >= most {
			return nil, refusal
		}
	}
	return k.wireOf(s, c, s.addObject(k, o)), nil
}

func (k *kind) listAll(s *Server, c *call) (any, *apiError) {
	for _, f := range k.filters {
		if name := camelCase(f.name); c.logged.Query.Has(name) && !f.valid(c.logged.Query.Get(name)) {
			return nil, errInvalidParameter(name)
		}
	}
	if refusal := k.contained(s, c); refusal != nil && (k.parent != entityKind || !s.config.UnknownEntityEmpty) {
		return nil, refusal
	}
	rows := slices.DeleteFunc(slices.Clone(s.state.lists[k.listPath(c)]), func(o *record) bool {
		filtered := slices.ContainsFunc(k.filters, func(f field) bool {
			value, ok := o.Object[f.name]
			return ok && c.logged.Query.Has(camelCase(f.name)) && c.logged.Query.Get(camelCase(f.name)) != value
		})
		return o.Text("account_sid") != c.account.SID || filtered || k.shows != nil && !k.shows(s, c, o.Object)
	})
	return listPage(s, c, k.listKey, rows, func(o *record) map[string]any { return k.wireOf(s, c, o) })
}

func (k *kind) fetch(s *Server, c *call, o *record) (any, *apiError) {
	return k.wireOf(s, c, o), nil
}

func (k *kind) update(s *Server, c *call, o *record) (any, *apiError) {
	if refusal := checkForm(c.form, k.fields, field.onUpdate); refusal != nil {
		return nil, refusal
	}
	updated := o.clone()
	if refusal := k.set(s, c, updated, o); refusal != nil {
		return nil, refusal
	}
	if len(c.form) > 0 {
		updated["date_updated"] = c.now
	}
	o.Object = updated
	return k.wireOf(s, c, o), nil
}

func (k *kind) remove(s *Server, _ *call, o *record) (any, *apiError) {
	s.deleteObject(o)
	return nil, nil
}

// set sets the values in the checked form, and refuses the object if it is not valid as a whole or
// another one in its container has a value that must be unique.
func (k *kind) set(s *Server, c *call, o Object, stored *record) *apiError {
	for _, f := range k.fields {
		values, ok := c.form[camelCase(f.name)]
		switch {
		case !ok:
		case values[0] == "" && f.empty != emptyKept:
			delete(o, f.name)
		default:
			o[f.name] = f.parse(values)
		}
	}
	for _, other := range s.state.lists[k.listPath(c)] {
		for _, f := range k.fields {
			if f.taken != nil && other != stored && f.same(o[f.name], other.Object[f.name]) {
				return f.taken
			}
		}
	}
	if k.check != nil {
		return k.check(s, c, o)
	}
	return nil
}

// same compares values that must be unique. Identities are case-insensitive.
func (f field) same(a, b any) bool {
	if x, ok := a.(string); ok && f.name == "identity" {
		y, _ := b.(string)
		return strings.EqualFold(x, y)
	}
	return a == b
}

// parse returns the value of a checked parameter.
func (f field) parse(values []string) any {
	switch f.typ {
	case asInteger:
		return number(values[0])
	case asBool:
		return values[0] == "true"
	case asList:
		return slices.Clone(values)
	case asCommaList:
		parts := strings.Split(values[0], ",")
		for i, part := range parts {
			parts[i] = strings.TrimSpace(part)
		}
		return parts
	default:
		return values[0]
	}
}

// sampleOf returns the value of the nth object that a test adds.
func (f field) sampleOf(n int) any {
	switch sample := f.sample.(type) {
	case string:
		return strings.ReplaceAll(sample, "%d", strconv.Itoa(n))
	case int:
		if f.taken != nil {
			return sample + n
		}
	}
	return f.sample
}

// number returns the value of a validated number.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("verifymock: a number was not validated: " + s)
	}
	return n
}

// wireOf returns an object as the API returns it.
func (k *kind) wireOf(s *Server, c *call, o *record) map[string]any {
	text := func(name string) string {
		if name == "identity" {
			return s.wireIdentity(o.Text(name))
		}
		return o.Text(name)
	}
	url := c.baseURL + k.path(text)
	w := map[string]any{"account_sid": o.Object["account_sid"], "url": url}
	for _, name := range k.identity {
		w[name] = text(name)
	}
	if k.prefix != "" {
		w["sid"] = o.Object["sid"]
	}
	for _, f := range k.fields {
		if !f.secret {
			put(w, f.name, o.Object[f.name])
		}
	}
	put(w, "date_created", o.Object["date_created"])
	put(w, "date_updated", o.Object["date_updated"])
	if k.links != nil {
		links := map[string]string{}
		for _, name := range k.links {
			links[snakeCase(name)] = url + "/" + name
		}
		w["links"] = links
	}
	if k.wire != nil {
		k.wire(s, c, o.Object, w)
	}
	return w
}

// put sets a value in a response, in the groups that its name begins with.
func put(w map[string]any, name string, value any) {
	if date, ok := value.(time.Time); ok {
		value = formatDate(date)
	}
	group, rest, ok := strings.Cut(name, ".")
	if !ok {
		w[name] = value
		return
	}
	inner, ok := w[group].(map[string]any)
	if !ok {
		inner = map[string]any{}
		w[group] = inner
	}
	put(inner, rest, value)
}

// camelCase returns the name of a parameter: totp.time_step becomes Totp.TimeStep.
func camelCase(name string) string {
	var b strings.Builder
	upper := true
	for _, r := range name {
		switch {
		case r == '_':
			upper = true
			continue
		case upper:
			b.WriteString(strings.ToUpper(string(r)))
		default:
			b.WriteRune(r)
		}
		upper = r == '.'
	}
	return b.String()
}

// snakeCase returns the name of a value: MessagingServiceSid becomes messaging_service_sid.
func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
