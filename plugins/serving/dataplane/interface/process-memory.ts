/**
 * How V8 treats the heap of an inference process, where what a request brings is garbage with its answer.
 *
 * `--initial-old-space-size`: V8 counts the buffers of requests towards the next collection of the whole heap. Left alone it puts
 * the threshold a few megabytes above what lives, as soon as it has collected once, and from then on collects the whole heap twenty
 * times a second: a tenth of the processor time, and pauses that requests feel. Below so many megabytes it is to leave that to the
 * collections of the young.
 *
 * `--no-allocation-site-pretenuring`: where much of what one line of the program makes survives a collection, V8 makes it among the
 * old from then on. A collection that happens to fall into a full queue is enough. What waits for a run is then old from its
 * beginning, and whatever it refers to survives with it until the whole heap is collected: a collection of the young
 * takes 4 ms in place of 0.5.
 *
 * `--no-parallel-scavenge`: threads of V8 help with each collection of the young, for whatever survives. Here hardly anything does, and where
 * processors are few the event loop mostly waits for its helpers. docs/benchmarks.md ("Neighbours") has what that costs.
 *
 * `--expose-gc`: for `load/collector-of-versions.ts`.
 */
export const heapFlags: readonly string[] = [
  '--expose-gc',
  '--initial-old-space-size=64',
  '--no-allocation-site-pretenuring',
  '--no-parallel-scavenge',
];

/**
 * How the C library of Linux (glibc) keeps memory that is freed, for whatever the operator says nothing about. Left alone, the first piece of some
 * megabytes that is freed teaches it to ask the system no more for such pieces: those of the next versions come from the heaps of their
 * threads, and stay there when the versions have gone. A model of 33 MB took 320 MiB of the process after a few swaps, and 145 with this.
 * Bodies of most requests are smaller, and use again what others used.
 *
 * `glibc.malloc.hugetlb=1`: such pieces are offered to Linux for huge pages, where it gives them to none but those
 * who ask (`madvise` in /sys/kernel/mm/transparent_hugepage/enabled). A run reads all weights; in pages of 4 KB the processor looks up where each of them is, and a model of 101 MB
 * takes a seventh longer for one row.
 */
export const allocatorSettings: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: String(4 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 20),
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
};

/**
 * The environment of a process that is to know nothing but how what serves keeps memory, as the operator has it, and what
 * Windows starts nothing without.
 */
export function bareEnvironment(own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(([name]) => isOfAllocator(name));
  return {
    ...allocatorSettings,
    ...Object.fromEntries(kept),
    ...(process.platform === 'win32' ? { SystemRoot: own.SystemRoot } : {}),
  };
}

/** Of glibc, which reads no others. */
function isOfAllocator(name: string): boolean {
  return name === 'GLIBC_TUNABLES' || name.startsWith('MALLOC_');
}
