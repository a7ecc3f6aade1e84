// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strings"
	"testing"
)

func TestRegion_URL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		region, edge string
		want         string // the URL, or
		err          string // a part of the error
	}{
		{"", "", "https://verify.twilio.com", ""},
		{"ie1", "dublin", "https://verify.dublin.ie1.twilio.com", ""},
		{"au1", "sydney", "https://verify.sydney.au1.twilio.com", ""},
		{"us1", "ashburn", "https://verify.ashburn.us1.twilio.com", ""},
		{"", "ashburn", "https://verify.ashburn.us1.twilio.com", ""},
		{"us2", "dublin-ix", "https://verify.dublin-ix.us2.twilio.com", ""},
		{"ie1", "", "", `use edge "dublin"`},
		{"au1", "", "", `use edge "sydney"`},
		{"jp1", "", "", `use edge "tokyo"`},
		{"us1", "", "", `use edge "ashburn"`},
		{"de1", "", "", "ie1 with dublin, au1 with sydney, jp1 with tokyo, us1 with ashburn"},
		{"", "san-jose-ix", "https://verify.san-jose-ix.us1.twilio.com", ""},
		{"IE1", "dublin", "", "the region is not one of Twilio's, such as ie1"},
		{"ie1", "dublin.example.com/", "", "the edge is not one of Twilio's"},
		{"ie1", "user@evil", "", "the edge is not one of Twilio's"},
		{"ie1.", "dublin", "", "the region is not one of Twilio's"},
		{"ie1", "-dublin", "", "the edge is not one of Twilio's"},
		{"ie1", "dublin\n", "", "the edge is not one of Twilio's"},
		{"0123456789abcdef0123456789abcdef", "", "", "the region is not one of Twilio's"},
		{"0123456789abcdef0123456789abcdef", "dublin", "", "the value is not shown because it may be a secret"},
		{"", "0123456789abcdef0123456789abcdef", "", "the value is not shown because it may be a secret"},
		{"ie1", "kzvvz2s2ylhdmxzkkzvvz2s2ylhdmxzk", "", "the value is not shown because it may be a secret"},
	}
	for _, test := range tests {
		t.Run(test.region+"/"+test.edge, func(t *testing.T) {
			t.Parallel()
			got, err := RegionURL(test.region, test.edge)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q in it", err, test.err)
			}
			if err != nil && len(test.region+test.edge) > 20 &&
				(strings.Contains(err.Error(), test.region) && test.region != "ie1" && test.region != "" || test.edge != "" && len(test.edge) > 6 &&
					strings.Contains(err.Error(), test.edge)) {
				t.Errorf("the error shows the value: %v", err)
			}
			if err == nil {
				if _, err := CheckBaseURL(got); err != nil {
					t.Errorf("the URL is no base URL: %v", err)
				}
			}
		})
	}
}

func TestRegionOf_ReversesRegionURL(t *testing.T) {
	t.Parallel()
	for region, edge := range regionEdges {
		url, err := RegionURL(region, edge)
		if err != nil {
			t.Fatal(err)
		}
		if gotRegion, gotEdge, ok := RegionOf(url); !ok || gotRegion != region || gotEdge != edge {
			t.Errorf("%s: got %q, %q, %t; want %q, %q", url, gotRegion, gotEdge, ok, region, edge)
		}
	}
	for _, url := range []string{DefaultBaseURL, "http://127.0.0.1:8421", "https://verify.example.com"} {
		if _, _, ok := RegionOf(url); ok {
			t.Errorf("%s has a region", url)
		}
	}
}
