// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"net"
	"regexp"
	"strings"
)

// DefaultBaseURL is the API in region us1 through Twilio's default edge.
const DefaultBaseURL = "https://verify.twilio.com"

// regionEdges maps each region to the edge that Twilio pairs with it: the one in the same location.
var regionEdges = map[string]string{
	"au1": "sydney",
	"ie1": "dublin",
	"jp1": "tokyo",
	"us1": "ashburn",
}

// RegionEdgePairs lists the pairs for messages.
const RegionEdgePairs = "ie1 with dublin, au1 with sydney, jp1 with tokyo, us1 with ashburn"

var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// RegionURL returns the base URL of a region and edge. An edge alone means region us1. A region
// alone is an error, because Twilio has retired such host names.
func RegionURL(region, edge string) (string, error) {
	switch {
	case region == "" && edge == "":
		return DefaultBaseURL, nil
	case edge == "":
		return "", fmt.Errorf("the region %q requires an edge%s", region, suggestEdge(region))
	case region == "":
		region = "us1"
	}
	for _, label := range []string{region, edge} {
		if !hostLabel.MatchString(label) {
			return "", fmt.Errorf("%q cannot be part of a host name; use lowercase letters and digits, for example region %q with edge %q", label, "ie1", "dublin")
		}
	}
	return fmt.Sprintf("https://verify.%s.%s.twilio.com", edge, region), nil
}

var regionURL = regexp.MustCompile(`^https://verify\.([a-z0-9-]+)\.([a-z0-9-]+)\.twilio\.com$`)

// RegionOf returns the region and edge in the host name of a base URL that [RegionURL] returned. It
// returns false for any other URL, and for [DefaultBaseURL].
func RegionOf(baseURL string) (region, edge string, ok bool) {
	match := regionURL.FindStringSubmatch(baseURL)
	if match == nil {
		return "", "", false
	}
	return match[2], match[1], true
}

// IsDefaultRegion reports whether a region and edge are those behind [DefaultBaseURL].
func IsDefaultRegion(region, edge string) bool { return region == "us1" && edge == regionEdges[region] }

func suggestEdge(region string) string {
	if edge, ok := regionEdges[region]; ok {
		return fmt.Sprintf(": use edge %q with it", edge)
	}
	return "; Twilio's pairs are " + RegionEdgePairs
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
