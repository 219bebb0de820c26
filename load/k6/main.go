// k6 with the one thing it lacks for Onsale: viewers of a live seat stream (import sse from "k6/x/sse").
package main

import (
	"go.k6.io/k6/cmd"

	_ "onsale/load/k6/sse"
)

func main() { cmd.Execute() }
