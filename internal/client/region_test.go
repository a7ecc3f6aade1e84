// SPDX-License-Identifier: MPL-2.0

package client

import "testing"

func TestRegion_URL(t *testing.T) {
	t.Parallel()
	const (
		badRegion = "the region is not one of Twilio's, such as ie1; the value is not shown because it may be a secret"
		badEdge   = "the edge is not one of Twilio's, such as dublin; the value is not shown because it may be a secret"
	)
	for _, test := range [][3]string{ // region, edge, and the URL or the error
		{"", "", "https://verify.twilio.com"},
		{"ie1", "dublin", "https://verify.dublin.ie1.twilio.com"},
		{"au1", "sydney", "https://verify.sydney.au1.twilio.com"},
		{"us1", "ashburn", "https://verify.ashburn.us1.twilio.com"},
		{"", "ashburn", "https://verify.ashburn.us1.twilio.com"},
		{"us2", "dublin-ix", "https://verify.dublin-ix.us2.twilio.com"},
		{"", "san-jose-ix", "https://verify.san-jose-ix.us1.twilio.com"},
		{"ie1", "", `the region "ie1" requires an edge: use edge "dublin" with it`},
		{"au1", "", `the region "au1" requires an edge: use edge "sydney" with it`},
		{"jp1", "", `the region "jp1" requires an edge: use edge "tokyo" with it`},
		{"us1", "", `the region "us1" requires an edge: use edge "ashburn" with it`},
		{"de1", "", `the region "de1" requires an edge; Twilio's pairs are ` +
			"ie1 with dublin, au1 with sydney, jp1 with tokyo, us1 with ashburn"},
		{"IE1", "dublin", badRegion},
		{"ie1.", "dublin", badRegion},
		{"0123456789abcdef0123456789abcdef", "", badRegion},
		{"0123456789abcdef0123456789abcdef", "dublin", badRegion},
		{"ie1", "dublin.example.com/", badEdge},
		{"ie1", "user@evil", badEdge},
		{"ie1", "-dublin", badEdge},
		{"ie1", "dublin\n", badEdge},
		{"", "0123456789abcdef0123456789abcdef", badEdge},
		{"ie1", "kzvvz2s2ylhdmxzkkzvvz2s2ylhdmxzk", badEdge},
	} {
		got, err := RegionURL(test[0], test[1])
		if err != nil {
			got += err.Error()
		} else if _, err := CheckBaseURL(got); err != nil {
			t.Errorf("the URL %s is no base URL: %v", got, err)
		}
		expect(t, test[0]+"/"+test[1], got, test[2])
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
		if IsDefaultRegion(region, edge) != (region == "us1") || IsDefaultRegion(region, "singapore") {
			t.Errorf("%s and %s are not told from the default region and its edge", region, edge)
		}
	}
	for _, url := range []string{DefaultBaseURL, "http://127.0.0.1:8421", "https://verify.example.com"} {
		if _, _, ok := RegionOf(url); ok {
			t.Errorf("%s has a region", url)
		}
	}
}
