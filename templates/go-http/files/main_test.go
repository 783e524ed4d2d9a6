package main

import "testing"

func TestGreeting(t *testing.T) {
	if got := greeting("/here"); got != "Hello from /here\n" {
		t.Errorf("got %q", got)
	}
}
