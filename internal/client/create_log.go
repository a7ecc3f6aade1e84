// SPDX-License-Identifier: MPL-2.0

package client

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// createLog is what the process knows of creates, to tell a factor whose answer
// was lost from its siblings.
type createLog struct {
	mu     sync.Mutex
	known  map[string]Entity // factors that some caller has been given, and their owners
	groups map[string]*createGroup
}

// createGroup is the creates that are alike: of one entity, type and name.
// Those in flight hold it for reading; a search holds it for writing, and so
// sees none that is about to be answered.
type createGroup struct {
	sync.RWMutex
	reopened time.Time // when creates went on after a batch was given up

	losing sync.Mutex // guards batch between those who hold the group for reading
	batch  *lostBatch
}

// lostBatch is creates without an answer that are searched for together: what
// one of them has made may as well be another's.
type lostBatch struct {
	since, until time.Time // encloses them, by this machine's clock
	lost         int       // those that are not resolved
	given        bool      // at least one has a secret or key of the caller's
	pending      *Pending  // set once they are left to a later process
	sids         []string  // the factors that they may be, where they were listed
}

// lose adds a create that was sent at the given time and has no answer.
func (g *createGroup) lose(sent time.Time, given bool) *lostBatch {
	g.losing.Lock()
	defer g.losing.Unlock()
	if sent.Before(g.reopened) {
		sent = g.reopened
	}
	if g.batch == nil || g.batch.lost == 0 || g.batch.pending != nil {
		g.batch = &lostBatch{since: sent}
	}
	if sent.Before(g.batch.since) {
		g.batch.since = sent
	}
	g.batch.until = time.Now()
	g.batch.lost++
	g.batch.given = g.batch.given || given
	return g.batch
}

func (l *createLog) account(entity Entity, sid string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		l.known = map[string]Entity{}
	}
	l.known[sid] = entity.folded()
}

// accounted lists the entity's factors that some caller has been given.
func (l *createLog) accounted(entity Entity) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for sid, owner := range l.known {
		if owner == entity.folded() {
			all = append(all, sid)
		}
	}
	slices.Sort(all)
	return all
}

func (l *createLog) group(entity Entity, params FactorParams) *createGroup {
	name := ""
	if params.FriendlyName != nil {
		name = *params.FriendlyName
	}
	owner := entity.folded()
	key := strings.Join([]string{owner.ServiceSID, owner.Identity, string(params.FactorType), name}, "\x00")
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.groups == nil {
		l.groups = map[string]*createGroup{}
	}
	if l.groups[key] == nil {
		l.groups[key] = &createGroup{}
	}
	return l.groups[key]
}

// unaccounted picks the factors of the right age that no caller has been given.
func (l *createLog) unaccounted(factors []*Factor, pending Pending) []*Factor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(factors), func(f *Factor) bool {
		_, known := l.known[f.SID]
		created := f.Created()
		return known || slices.Contains(pending.Known, f.SID) ||
			created.Before(pending.Since) || created.After(pending.Until)
	})
}
