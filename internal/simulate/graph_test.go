// SPDX-License-Identifier: MPL-2.0

package simulate

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// This file implements Terraform's graph: the order in which instances are planned and applied.

// node is one operation in a walk of the graph.
type node struct {
	number  int   // of the instance
	rank    int   // higher than the ranks of the nodes that it waits for
	parents []int // of the object, if it is destroyed
	last    bool  // after the creates
	run     func() (ok bool)
	after   []*node // nodes that have to succeed first
	behind  []*node // nodes that have to end first

	done chan struct{}
	ok   bool
}

// walk runs the nodes one after another or, in parallel, each starting shortly after the previous
// one. A node waits until the nodes that it depends on have ended, and is skipped if one of those
// in after failed.
func (r *run) walk(nodes []*node) {
	slices.SortStableFunc(nodes, func(a, b *node) int { return cmp.Compare(a.rank, b.rank) })
	for _, n := range nodes {
		n.done = make(chan struct{})
	}
	var all sync.WaitGroup
	for number, n := range nodes {
		if !r.w.history.Setup.Parallel {
			n.visit()
			continue
		}
		all.Go(func() {
			time.Sleep(time.Duration(number) * 777 * time.Microsecond)
			n.visit()
		})
	}
	all.Wait()
}

func (n *node) visit() {
	defer close(n.done)
	n.ok = true
	for _, before := range n.behind {
		<-before.done
	}
	for _, before := range n.after {
		<-before.done
		n.ok = n.ok && before.ok
	}
	n.ok = n.ok && n.run()
}

// applyAll carries out the changes. The dependents of an object are destroyed before it and created
// after it. A replacement is a destroy and a create, in either order. A deposed object is destroyed
// after the update of the current one.
func (r *run) applyAll(changes []*change) {
	createFirst := r.w.history.Setup.CreateBeforeDestroy
	var all []*node
	creates, destroys := map[int]*node{}, map[int][]*node{} // by instance
	for _, c := range changes {
		number, rank := c.instance.number, c.instance.rank()
		if c.action != doDelete {
			create := &node{number: number, rank: rank, run: func() bool { return r.create(c) }}
			creates[number] = create
			all = append(all, create)
		}
		if c.destroys() {
			d := &node{number: number, rank: -1 - rank, parents: c.object.parents, run: func() bool { return r.destroy(c) }}
			if d.last = createFirst || c.deposed && !slices.ContainsFunc(changes, c.blocks); d.last {
				d.rank += lastRank
			}
			d.behind = slices.Clone(destroys[number]) // destroys of one instance run one after another
			destroys[number] = append(destroys[number], d)
			all = append(all, d)
		}
	}
	for number, create := range creates {
		for _, d := range destroys[number] {
			if d.last {
				d.after = append(d.after, create)
			} else {
				create.after = append(create.after, d)
			}
		}
		for _, parent := range r.configs[number].parents() {
			if creates[parent] != nil {
				create.after = append(create.after, creates[parent])
			}
			for _, d := range destroys[parent] {
				if d.last {
					d.after = append(d.after, create)
				}
			}
		}
	}
	for _, d := range all {
		for _, parent := range d.parents {
			for _, ofParent := range destroys[parent] {
				ofParent.after = append(ofParent.after, d)
			}
		}
	}
	r.walk(all)
}

func (c *change) destroys() bool { return c.action == doDelete || c.action == doReplace }

// blocks reports whether another change has to wait until the deposed object of c is destroyed.
func (c *change) blocks(other *change) bool {
	return other.destroys() && (other.instance == c.instance && !other.deposed || slices.Contains(c.object.parents, other.instance.number))
}

// lastRank is more than twice the rank of any noun.
const lastRank = 10

// destroy carries out the destroy of a change.
func (r *run) destroy(c *change) bool {
	i, o := c.instance, c.object
	deposed := slices.Contains(i.deposed, o)
	d := &change{instance: i, object: o, action: doDelete, planned: null(i.typeName), private: c.private, identity: o.identity}
	next, ok := r.carryOut(d, o)
	if deposed {
		i.forget(o, next)
	} else {
		i.current = next
	}
	return ok
}

// create carries out the create or update of a change.
func (r *run) create(c *change) bool {
	i := c.instance
	switch {
	case c.action != doReplace:
		return r.applyFinal(c, i.current)
	case !r.w.history.Setup.CreateBeforeDestroy:
		return r.applyFinal(c, nil)
	}
	old := i.current
	i.current, i.deposed = nil, append(i.deposed, old)
	ok := r.applyFinal(c, nil)
	if !ok && i.current == nil {
		i.current = old
		i.forget(old, nil)
	}
	return ok
}
