// SPDX-License-Identifier: MPL-2.0

package verifymock

import (
	"crypto/rand"
	"crypto/sha3"
	"encoding/hex"
	"fmt"
	"sync"
)

// random generates the bytes of SIDs, secrets, and tokens. With a seed, they depend only on the
// seed, the purpose, and the number of earlier calls for the purpose.
type random struct {
	seed uint64
	mu   sync.Mutex
	made map[string]int // by purpose
}

func newRandom(seed uint64) *random {
	return &random{seed: seed, made: map[string]int{}}
}

func (r *random) bytes(purpose string, n int) []byte {
	if r.seed == 0 {
		b := make([]byte, n)
		_, _ = rand.Read(b) // never fails
		return b
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made[purpose]++
	return sha3.SumSHAKE256(fmt.Appendf(nil, "%d/%s/%d", r.seed, purpose, r.made[purpose]), n)
}

// sid returns a new SID with the given two-letter prefix.
func (r *random) sid(prefix string) string {
	return prefix + hex.EncodeToString(r.bytes(prefix, 16))
}

// uuid returns a random UUID (version 4).
func (r *random) uuid() string {
	b := r.bytes("uuid", 16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
