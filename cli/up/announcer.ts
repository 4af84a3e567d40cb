import { messageOf } from '../../core/errors.ts';
import type { Configuration } from '../../server/configuration.ts';
import { type Api, connect, connected } from '../client/api.ts';
import { duration } from '../output/age.ts';
import { eventLine } from '../output/event-line.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { type Convergence, followConvergence } from './convergence.ts';
import { lineToTry } from './try-it.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Where a platform answers. */
export interface Addresses {
  readonly inference: string;
  readonly grpc?: string;
  readonly api: string;
}

/**
 * Tells a person how the platform comes up: what is under way (a moving line on a terminal), then where it answers and a
 * command to try, then what it does. Programs get the addresses once, and the log.
 */
export class Announcer {
  readonly #configuration: Configuration;
  readonly #terminal: Terminal;
  readonly #closing = new AbortController();
  readonly #started = Date.now();
  #line = '';
  #frame = 0;
  #ticking: NodeJS.Timeout | undefined;
  #wasUp = false;

  constructor(configuration: Configuration, terminal: Terminal) {
    this.#configuration = configuration;
    this.#terminal = terminal;
    this.#show('starting');
  }

  /** Writes a line of the log without tearing the moving line. */
  log(line: string): void {
    this.#erase();
    this.#terminal.err(`${line}\n`);
    this.#draw();
  }

  /** A control process is up: the first time, there is something to tell. */
  controlIsUp(urls: Addresses): void {
    if (this.#wasUp) return;
    this.#wasUp = true;
    this.#follow(urls).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.log(`the platform could not be followed: ${messageOf(error)}`);
    });
  }

  /** It was told to end. */
  stopping(): void {
    if (this.#closing.signal.aborted) return;
    this.#show('stopping: what is under way is answered first (once more: at once)');
    this.#closing.abort();
  }

  close(): void {
    this.#closing.abort();
    this.#hide();
  }

  async #follow(urls: Addresses): Promise<void> {
    const terminal = { ...this.#terminal, signal: this.#closing.signal };
    const api = await connect({ api: urls.api }, terminal);
    const last = await followConvergence(api, (now) => this.#show(underWay(now)), terminal.signal);
    if (last === undefined || terminal.signal.aborted) return;
    const line = await lineToTry(api, urls.inference).catch(() => undefined);
    this.#hide();
    terminal.out(this.#summary(last, urls, line));
    if (terminal.interactive) await this.#tell(api);
  }

  /** On a terminal, what the platform does from here on is worth a line. */
  async #tell(api: Api): Promise<void> {
    const { colours } = this.#terminal;
    for await (const { event, data } of api.follow('/events', () => {})) {
      if (event === connected) continue;
      if (event === 'journal.appended' || event === 'snapshot.held') {
        this.#terminal.out(eventLine(event, JSON.parse(data), colours));
      }
    }
  }

  #summary(last: Convergence, { inference, grpc, api }: Addresses, line: string | undefined): string {
    const { bold, dim, green, red, yellow, cyan } = this.#terminal.colours;
    const { head, total, ready, notReady, walking } = last;
    const took = duration(Date.now() - this.#started);
    const lines: string[] = [];
    if (head.error) lines.push(`${red('✘')} ${oneLine(head.error.message)} ${dim(head.error.code)}`);
    if (head.held && !this.#configuration.dryRun)
      lines.push(`${yellow('!')} ${head.held.commit} is held: ${oneLine(head.held.message)}`);
    if (this.#configuration.dryRun) {
      lines.push(
        `${green('✔')} Dry run: ${head.commit?.slice(0, 10) ?? 'no commit'} is read and planned; nothing is applied`,
      );
    } else if (head.applied === null) {
      lines.push(`${yellow('!')} ${head.reference} has no commit to apply yet`);
    } else if (notReady.length === 0) {
      lines.push(
        `${green('✔')} ${bold(`All ${total} resources are ready`)} at ${head.applied.slice(0, 10)}, after ${took}`,
      );
    } else {
      lines.push(
        `${yellow('!')} ${bold(`${ready} of ${total} resources are ready`)} at ${head.applied.slice(0, 10)}, after ${took}`,
      );
      for (const one of notReady.slice(0, 10)) {
        lines.push(`    ${one.ref}  ${red(one.reason)}  ${oneLine(one.message)}`);
      }
      if (notReady.length > 10) lines.push(dim(`    and ${notReady.length - 10} more: switchyard status`));
    }
    for (const { ref, reason, message } of walking.slice(0, 10)) {
      lines.push(`    ${ref}  ${yellow(reason)}  ${oneLine(message)}`);
    }
    lines.push(
      '',
      `  ${dim('inference')}   ${cyan(inference)}`,
      ...(grpc === undefined ? [] : [`  ${dim('gRPC')}        ${cyan(grpc)}`]),
      `  ${dim('API')}         ${cyan(api)}`,
      `  ${dim('reference')}   ${cyan(`${api}/docs`)}`,
      `  ${dim('registry')}    ${oneLine(head.repository)} ${dim(oneLine(head.reference))}`,
      `  ${dim('data')}        ${this.#configuration.dataFolder}`,
    );
    if (line) lines.push('', 'Try it:', `  ${line}`);
    if (this.#terminal.interactive) lines.push('', dim('Ctrl-C stops it. What it does from here on:'));
    return `${lines.join('\n')}\n`;
  }

  // ── The moving line ────────────────────────────────────────────────────────────────────────────────────────

  #show(text: string): void {
    this.#line = text;
    if (!this.#terminal.errInteractive || this.#closing.signal.aborted) return;
    this.#ticking ??= setInterval(() => this.#draw(), 100).unref();
    this.#draw();
  }

  #hide(): void {
    this.#erase();
    this.#line = '';
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }

  #draw(): void {
    if (this.#ticking === undefined || this.#line === '') return;
    const { cyan, dim } = this.#terminal.errColours;
    const seconds = Math.floor((Date.now() - this.#started) / 1000);
    const room = Math.max(20, Math.min(this.#terminal.width, 200) - 10);
    const text = this.#line.length > room ? `${this.#line.slice(0, room - 1)}…` : this.#line;
    const frame = cyan(frames[this.#frame++ % frames.length] ?? '');
    this.#terminal.err(`\r\u001b[2K${frame} ${text} ${dim(`${seconds}s`)}`);
  }

  #erase(): void {
    if (this.#ticking !== undefined) this.#terminal.err('\r\u001b[2K');
  }
}

function underWay({ head, total, ready, notReady }: Convergence): string {
  if (head.commit === null) return 'reading the registry';
  if (total === 0) return `reading ${head.commit.slice(0, 10)}`;
  const [first] = notReady;
  const about = first ? `  ${first.ref}: ${oneLine(first.message || first.reason)}` : '';
  return `${ready} of ${total} resources ready${about}`;
}
