import type { Socket } from 'node:net';

/** A line longer than this is no message of ours. */
export const longestLine = 64 * 1024 * 1024;

/** Calls `onLine` with each line that arrives. A line that never ends closes the socket. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  let parts: string[] = [];
  let length = 0;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      parts.push(chunk.slice(start, end));
      const line = parts.join('');
      parts = [];
      length = 0;
      start = end + 1;
      if (line !== '') onLine(line);
    }
    parts.push(chunk.slice(start));
    length += chunk.length - start;
    if (length > longestLine) socket.destroy(new Error(`a line is longer than ${longestLine} characters`));
  });
}
