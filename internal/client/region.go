// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
)

// DefaultBaseURL is the API in region us1 through Twilio's default edge.
const DefaultBaseURL = "https://verify.twilio.com"

// regionEdges maps each region to the edge that Twilio pairs with it: the one in the same location.
var regionEdges = map[string]string{"au1": "sydney", "ie1": "dublin", "jp1": "tokyo", "us1": "ashburn"}

// RegionEdgePairs lists the pairs for messages.
const RegionEdgePairs = "ie1 with dublin, au1 with sydney, jp1 with tokyo, us1 with ashburn"

// The forms of a region, such as us1, and an edge, such as dublin or dublin-ix. They exclude most
// secrets: the value becomes part of a host name, which the resolver and error messages get.
var (
	regionForm = regexp.MustCompile(`^[a-z]{2}\d{1,2}$`)
	edgeForm   = regexp.MustCompile(`^[a-z]{3,12}(-[a-z]{2,8}){0,2}$`)
)

// RegionURL returns the base URL of a region and edge. An edge alone means region us1. A region
// alone is an error, because Twilio has retired such host names. The error does not show a value that
// may be a secret in the wrong place.
func RegionURL(region, edge string) (string, error) {
	switch {
	case region == "" && edge == "":
		return DefaultBaseURL, nil
	case region != "" && !regionForm.MatchString(region):
		return "", errors.New("the region is not one of Twilio's, such as ie1; the value is not shown because it may be a secret")
	case edge != "" && !edgeForm.MatchString(edge):
		return "", errors.New("the edge is not one of Twilio's, such as dublin; the value is not shown because it may be a secret")
	case edge == "" && regionEdges[region] != "":
		return "", fmt.Errorf("the region %q requires an edge: use edge %q with it", region, regionEdges[region])
	case edge == "":
		return "", fmt.Errorf("the region %q requires an edge; Twilio's pairs are %s", region, RegionEdgePairs)
	case region == "":
		region = "us1"
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

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
