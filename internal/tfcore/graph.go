// SPDX-License-Identifier: MPL-2.0

package tfcore

import (
	"slices"
	"sync"
	"time"
)

// node is one operation in a walk of the graph.
type node struct {
	run    func() (ok bool)
	after  []*node // nodes that have to succeed first
	behind []*node // nodes that have to end first

	started bool // in a sequential walk
	done    chan struct{}
	ok      bool
}

// walk runs the nodes one after another or, in parallel, each starting shortly after the previous
// one. A node waits until the nodes that it depends on have ended, and is skipped if one of those
// in after failed.
func (c *Core) walk(nodes []*node) {
	if !c.Parallel {
		for _, n := range nodes {
			n.visitInTurn()
		}
		return
	}
	for _, n := range nodes {
		n.done = make(chan struct{})
	}
	var all sync.WaitGroup
	for number, n := range nodes {
		all.Go(func() {
			defer close(n.done)
			time.Sleep(time.Duration(number) * 777 * time.Microsecond)
			for _, before := range slices.Concat(n.behind, n.after) {
				<-before.done
			}
			n.visit()
		})
	}
	all.Wait()
}

// visitInTurn visits the node after those that it depends on.
func (n *node) visitInTurn() {
	if n.started {
		return
	}
	n.started = true
	for _, before := range slices.Concat(n.behind, n.after) {
		before.visitInTurn()
	}
	n.visit()
}

func (n *node) visit() {
	n.ok = !slices.ContainsFunc(n.after, func(before *node) bool { return !before.ok }) && n.run()
}

// applyAll carries out the changes. The dependents of an object are destroyed before it and created
// after it. A replacement is a destroy and a create, in either order. A deposed object is destroyed
// after the update of the current one.
func (r *run) applyAll(changes []*InstanceChange) {
	g := graph{changes: changes, createFirst: r.CreateBeforeDestroy, creates: map[int]*node{}, destroys: map[int][]*node{}}
	for _, c := range changes {
		if c.Destroys() {
			g.addDestroy(c, func() bool { return r.destroy(c) })
		}
	}
	for _, c := range changes {
		if c.Action != Delete {
			n := &node{run: func() bool { return r.create(c) }}
			g.creates[c.Instance.Number] = n
			g.all = append(g.all, n)
		}
	}
	g.connect(r.Instances)
	r.walk(append(g.all, g.last...))
}

// graph is the graph of an apply.
type graph struct {
	changes     []*InstanceChange
	createFirst bool
	all         []*node         // but those in last
	last        []*node         // destroys after the create of their instance
	creates     map[int]*node   // by instance
	destroys    map[int][]*node // by instance
	parents     []parents
}

// parents are the instances that a destroyed object depends on.
type parents struct {
	node *node
	of   []int
}

func (g *graph) addDestroy(c *InstanceChange, run func() bool) {
	number := c.Instance.Number
	n := &node{run: run, behind: slices.Clone(g.destroys[number])} // destroys of one instance run one after another
	g.destroys[number] = append(g.destroys[number], n)
	g.parents = append(g.parents, parents{n, c.Object.Parents})
	if g.createFirst || c.Deposed && !slices.ContainsFunc(g.changes, c.blocks) {
		g.last = append(g.last, n)
	} else {
		g.all = append([]*node{n}, g.all...) // dependents, which have higher numbers, come first
	}
}

// blocks reports whether another change has to wait until the deposed object of c is destroyed.
func (c *InstanceChange) blocks(other *InstanceChange) bool {
	return other.Destroys() && (other.Instance == c.Instance && !other.Deposed || slices.Contains(c.Object.Parents, other.Instance.Number))
}

func (g *graph) connect(instances []*Instance) {
	for number, create := range g.creates {
		for _, d := range g.destroys[number] {
			if slices.Contains(g.last, d) {
				d.after = append(d.after, create)
			} else {
				create.after = append(create.after, d)
			}
		}
		for _, parent := range instances[number].Config.Parents() {
			g.connectParent(create, parent)
		}
	}
	for _, p := range g.parents {
		for _, parent := range p.of {
			for _, d := range g.destroys[parent] {
				d.after = append(d.after, p.node)
			}
		}
	}
}

// connectParent connects a create with the changes of an instance that it refers to.
func (g *graph) connectParent(create *node, parent int) {
	if g.creates[parent] != nil {
		create.after = append(create.after, g.creates[parent])
	}
	for _, d := range g.destroys[parent] {
		if slices.Contains(g.last, d) {
			d.after = append(d.after, create)
		}
	}
}
