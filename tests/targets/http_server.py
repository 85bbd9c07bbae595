"""A threaded HTTP server. A connection ends when the server closes it, and only then."""
import gc
import http.server
import signal
import threading

zombies = []
signals = []


class Zombie:
    def __del__(self):
        zombies.append(self)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = repr([{"path": self.path, "number": number} for number in range(300)]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def shutdown_request(self, request):
        self.close_request(request)  # no shutdown(2): a copied descriptor would keep it open


signal.signal(signal.SIGCHLD, lambda *_: signals.append("SIGCHLD"))
for _ in range(5):
    Zombie()
gc.collect()
with Server(("127.0.0.1", 0), Answer) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("READY", server.server_address[1], flush=True)
    while True:
        try:
            input()
        except EOFError:
            signal.pause()
        print(len(signals), flush=True)
