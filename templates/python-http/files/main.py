from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def greeting(path):
    return f"Hello from {path}\n"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = greeting(self.path).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print("http://localhost:8000")
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
