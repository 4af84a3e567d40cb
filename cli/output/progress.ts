import type { Terminal } from '../terminal.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Waits for a piece of work, and says on standard error what is being waited for once it takes longer than a second:
 * a moving line on a terminal, one line elsewhere. What is being done may change on the way.
 */
export async function withProgress<T>(
  terminal: Terminal,
  doing: string | (() => string),
  work: Promise<T>,
): Promise<T> {
  const started = Date.now();
  let frame = 0;
  let shown = false;
  const draw = () => {
    const what = typeof doing === 'string' ? doing : doing();
    if (!terminal.errInteractive) {
      if (!shown) terminal.err(`${what} …\n`);
    } else {
      const seconds = Math.floor((Date.now() - started) / 1000);
      const mark = terminal.errColours.cyan(frames[frame++ % frames.length] ?? '');
      terminal.err(`\r\u001b[2K${mark} ${what} ${terminal.errColours.dim(`${seconds}s`)}`);
    }
    shown = true;
  };
  let ticking: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    draw();
    if (terminal.errInteractive) ticking = setInterval(draw, 100);
  }, 1000);
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(ticking);
    if (shown && terminal.errInteractive) terminal.err('\r\u001b[2K');
  }
}
