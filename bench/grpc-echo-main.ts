/** The least that answers gRPC on `node:http2`: it reads a message and sends its first bytes back, with headers and trailers. */
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** The prefix of a message, and as much as the answer of a small model. */
const answered = 5 + 64;
const headers = { ':status': 200, 'content-type': 'application/grpc+proto' };
const trailers = { 'grpc-status': 0, 'grpc-message': 'OK' };

const server = createServer({ settings: { maxConcurrentStreams: 1_000 } });
server.on('stream', (stream) => {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('error', () => {});
  stream.on('end', () => {
    const answer = Buffer.from(Buffer.concat(pieces).subarray(0, answered));
    answer.writeUInt32BE(answer.length - 5, 1);
    stream.respond(headers, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(answer);
  });
});

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1e6);
});
process.on('disconnect', () => process.exit());
