import { residentMemory } from './resident-memory.ts';

export interface MemoryWatch {
  /** The newest resident bytes; 0 until they are known. */
  current(): Promise<number>;
  /** What the process says of itself, where nobody can look from outside. */
  told(bytes: number): void;
  stop(): void;
}

const everyMs = 25;

/**
 * Watches a process from outside and tells once when it holds more than it may. It looks 40 times a second, so that what
 * a process can take in between is beyond the limit: about 100 MB on a fast machine.
 */
export function watchMemory(pid: number, maxBytes: number, onExceeded: (bytes: number) => void): MemoryWatch {
  let newest = 0;
  let isOver = false;
  const see = (bytes: number): void => {
    newest = bytes;
    if (bytes <= maxBytes || isOver) return;
    isOver = true;
    onExceeded(bytes);
  };
  const look = async (): Promise<void> => {
    const bytes = await residentMemory(pid);
    if (bytes !== undefined) see(bytes);
  };
  const timer = setInterval(() => void look(), everyMs).unref();
  return {
    async current() {
      await look();
      return newest;
    },
    told: see,
    stop() {
      isOver = true;
      clearInterval(timer);
    },
  };
}
