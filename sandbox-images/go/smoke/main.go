package main

import (
	"bufio"
	"fmt"
	"os"

	"smoke/greeting"
)

func main() {
	names := bufio.NewScanner(os.Stdin)
	count := 0
	for names.Scan() {
		fmt.Println(greeting.Greet(names.Text()))
		count++
	}
	fmt.Println(count, "names")
}
