package main

import (
	"fmt"
	"log"
	"net/http"
)

func greeting(path string) string {
	return fmt.Sprintf("Hello from %s\n", path)
}

func main() {
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		fmt.Fprint(response, greeting(request.URL.Path))
	})
	fmt.Println("http://localhost:8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
