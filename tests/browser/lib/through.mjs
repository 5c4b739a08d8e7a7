// Carries TCP connections between two network namespaces over a socket file: `outside` takes them at a
// port of the loopback interface, `inside` hands them to the same port in its own namespace. Firefox is
// driven over such a port; Chromium needs no more than its pipes.
import { connect, createServer } from "node:net";

const [side, port, socket] = process.argv.slice(2);

function carry(from, to) {
  from.pipe(to).pipe(from);
  for (const end of [from, to]) end.on("error", () => [from, to].forEach((each) => each.destroy()));
}

if (side === "outside") createServer((one) => carry(one, connect(socket))).listen(port, "127.0.0.1");
else createServer((one) => carry(one, connect(port, "127.0.0.1"))).listen(socket);
